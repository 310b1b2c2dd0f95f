//! [`Ladder`]: the layout that always works. All boxes stand in one column, links run through lanes beside it.
//!
//! It is plain but holds every promise of [`layout`](super) for any plan, in time almost linear in its size, and it is
//! what very large machines get: of a thousand states nobody reads a drawing, but one can still follow a lane.

use super::{Arrangement, Layout, LayoutError, Plan, Point, Rect, Route};

/// Between boxes, and between the border of a box and what stands inside.
const GAP: f64 = 16.0;

/// Height of a row without a label.
const ROW: f64 = 12.0;

/// Between a label and its line.
const LABEL_GAP: f64 = 3.0;

/// Between two lanes.
const LANE: f64 = 9.0;

/// One column of boxes with lanes beside it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Ladder;

impl Layout for Ladder {
    fn arrange(&self, plan: &Plan) -> Result<Arrangement, LayoutError> {
        Ok(Self::arrange_any(plan))
    }
}

impl Ladder {
    /// Arranges any plan.
    #[must_use]
    pub fn arrange_any(plan: &Plan) -> Arrangement {
        let column = Column::new(plan);
        let boxes = column.place();
        let links = route(plan, &boxes, &column);
        Arrangement { boxes, links }
    }
}

/// One end of a link on its box: the row it has there.
#[derive(Debug, Clone, Copy, Default)]
struct Row {
    /// From the top of the box to the top of the row.
    top: f64,
    /// From the top of the box to the line.
    line: f64,
}

struct Column<'p> {
    plan: &'p Plan,
    /// Rows of the ends where links start and end.
    starts: Vec<Row>,
    ends: Vec<Row>,
    /// Height of what a box needs for itself, above the boxes inside.
    own_height: Vec<f64>,
}

impl<'p> Column<'p> {
    fn new(plan: &'p Plan) -> Self {
        let mut column = Self {
            plan,
            starts: vec![Row::default(); plan.links.len()],
            ends: vec![Row::default(); plan.links.len()],
            own_height: plan.boxes.iter().map(|_| GAP / 2.0).collect(),
        };
        for (at, link) in plan.links.iter().enumerate() {
            let label = link.label.map_or(0.0, |(_, height)| height + LABEL_GAP);
            column.starts[at] = column.take_row(link.from, label);
            column.ends[at] = column.take_row(link.to, 0.0);
        }
        for (height, shape) in column.own_height.iter_mut().zip(&plan.boxes) {
            *height = height.max(shape.height);
        }
        column
    }

    fn take_row(&mut self, owner: usize, label: f64) -> Row {
        let shape = &self.plan.boxes[owner];
        if shape.is_mark {
            // A mark does not grow: its links share one line through its middle.
            return Row {
                top: shape.height / 2.0 - label,
                line: shape.height / 2.0,
            };
        }
        let used = &mut self.own_height[owner];
        let row = Row {
            top: *used,
            line: *used + label + ROW / 2.0,
        };
        *used += label + ROW;
        row
    }

    fn place(&self) -> Vec<Rect> {
        let count = self.plan.boxes.len();
        let mut sizes: Vec<(f64, f64)> = (self.plan.boxes.iter().zip(&self.own_height))
            .map(|(shape, own)| (shape.width, if shape.is_mark { shape.height } else { *own }))
            .collect();
        // Parents stand before their children, so walking backwards meets every box after all that stand inside it.
        for at in (0..count).rev() {
            let Some(parent) = self.plan.boxes[at].parent else {
                continue;
            };
            let (width, height) = sizes[at];
            let outer = &mut sizes[parent];
            if outer.1 <= self.own_height[parent] {
                outer.1 = self.own_height[parent] + GAP;
            }
            outer.0 = outer.0.max(width + 2.0 * GAP);
            outer.1 += height + GAP;
        }
        let mut next_y: Vec<f64> = vec![0.0; count];
        let mut next_root_y = 0.0;
        let mut rects = Vec::with_capacity(count);
        for at in 0..count {
            let (width, height) = sizes[at];
            let (x, y) = match self.plan.boxes[at].parent {
                Some(parent) => {
                    let outer: &Rect = &rects[parent];
                    let y = next_y[parent];
                    next_y[parent] = y + height + GAP;
                    (outer.x + GAP, y)
                }
                None => {
                    let y = next_root_y;
                    next_root_y = y + height + GAP;
                    (0.0, y)
                }
            };
            next_y[at] = y + self.own_height[at] + GAP;
            rects.push(Rect::new(x, y, width, height));
        }
        rects
    }
}

fn route(plan: &Plan, boxes: &[Rect], column: &Column<'_>) -> Vec<Route> {
    let labels_x = boxes.iter().map(Rect::right).fold(0.0, f64::max) + GAP;
    let labels_width = plan
        .links
        .iter()
        .filter_map(|link| link.label)
        .map(|(width, _)| width)
        .fold(0.0, f64::max);
    let lanes_x = labels_x + labels_width + GAP;
    let spans: Vec<(f64, f64)> = (plan.links.iter().enumerate())
        .map(|(at, link)| {
            (
                boxes[link.from].y + column.starts[at].line,
                boxes[link.to].y + column.ends[at].line,
            )
        })
        .collect();
    let lanes = lanes(&spans);
    let mut routes = Vec::with_capacity(plan.links.len());
    for (at, link) in plan.links.iter().enumerate() {
        let (from, to) = spans[at];
        let lane = lanes_x + lanes[at] as f64 * LANE;
        let label = link.label.map(|(width, height)| {
            Rect::new(
                labels_x,
                boxes[link.from].y + column.starts[at].top,
                width,
                height,
            )
        });
        routes.push(Route {
            points: vec![
                Point::new(boxes[link.from].right(), from),
                Point::new(lane, from),
                Point::new(lane, to),
                Point::new(boxes[link.to].right(), to),
            ],
            label,
        });
    }
    routes
}

/// A lane for each span, so that spans that meet have different ones; short spans get the near lanes.
fn lanes(spans: &[(f64, f64)]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..spans.len()).collect();
    let ends = |at: usize| (spans[at].0.min(spans[at].1), spans[at].0.max(spans[at].1));
    order.sort_by(|a, b| {
        let (a_ends, b_ends) = (ends(*a), ends(*b));
        (a_ends.1 - a_ends.0)
            .total_cmp(&(b_ends.1 - b_ends.0))
            .then(a.cmp(b))
    });
    let mut taken: Vec<Vec<(f64, f64)>> = Vec::new();
    let mut lanes = vec![0; spans.len()];
    for at in order {
        let (top, bottom) = ends(at);
        let is_free =
            |lane: &Vec<(f64, f64)>| lane.iter().all(|other| bottom < other.0 || other.1 < top);
        let lane = taken.iter().position(is_free).unwrap_or_else(|| {
            taken.push(Vec::new());
            taken.len() - 1
        });
        taken[lane].push((top, bottom));
        lanes[at] = lane;
    }
    lanes
}
