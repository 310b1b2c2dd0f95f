//! The order in which a reader meets the boxes: from where each box begins, along its links, forks and rejoins in turn.
//!
//! The engine takes the order of its nodes as a hint which links lead back. Files are often sorted by something else,
//! and then a picture would begin anywhere.

use crate::layout::Plan;

/// All boxes, parents before what stands inside them; those beside each other so that as few links as a depth first
/// walk allows lead back.
pub(super) fn reading(plan: &Plan) -> Vec<usize> {
    let groups = Groups::of(plan);
    let mut order = Vec::with_capacity(plan.boxes.len());
    let mut open = vec![None];
    while let Some(parent) = open.pop() {
        let boxes = groups.walk(parent);
        open.extend(boxes.iter().map(|at| Some(*at)));
        order.extend(boxes);
    }
    order
}

/// The boxes beside each other, and which of them lead to which.
struct Groups {
    /// By parent, the top last: in the order of the plan.
    members: Vec<Vec<usize>>,
    /// By box: those beside it to which it, or something inside it, leads.
    next: Vec<Vec<usize>>,
}

impl Groups {
    fn of(plan: &Plan) -> Self {
        let count = plan.boxes.len();
        let mut members = vec![Vec::new(); count + 1];
        for (at, shape) in plan.boxes.iter().enumerate() {
            members[shape.parent.unwrap_or(count)].push(at);
        }
        let mut next = vec![Vec::new(); count];
        for link in &plan.links {
            if let Some((from, to)) = beside_each_other(plan, link.from, link.to) {
                next[from].push(to);
            }
        }
        Self { members, next }
    }

    /// The boxes of a group: walk by walk, each from the first box that was not met yet.
    fn walk(&self, parent: Option<usize>) -> Vec<usize> {
        let mut seen = vec![false; self.next.len()];
        let mut order: Vec<usize> = Vec::new();
        for start in &self.members[parent.unwrap_or(self.next.len())] {
            if seen[*start] {
                continue;
            }
            let is_met = |at: &usize| order.contains(at);
            let walked = self.walk_from(*start, &mut seen);
            let leads_in = walked.iter().flat_map(|at| &self.next[*at]).any(is_met);
            // What leads into an earlier walk stands before it, or its links would lead back.
            if leads_in {
                order.splice(0..0, walked);
            } else {
                order.extend(walked);
            }
        }
        order
    }

    /// What can be met from a box, in reverse post-order: a link leads back only if it closes a circle.
    fn walk_from(&self, start: usize, seen: &mut [bool]) -> Vec<usize> {
        let mut done = Vec::new();
        // The last one leads on first, so that after turning round the first one stands first.
        let mut open = vec![(start, self.next[start].iter().rev())];
        seen[start] = true;
        while let Some((at, rest)) = open.last_mut() {
            match rest.find(|next| !seen[**next]) {
                Some(next) => {
                    seen[*next] = true;
                    open.push((*next, self.next[*next].iter().rev()));
                }
                None => {
                    done.push(*at);
                    open.pop();
                }
            }
        }
        done.reverse();
        done
    }
}

/// The boxes around the two ends that stand in the same box; none if one end stands inside the other.
fn beside_each_other(plan: &Plan, from: usize, to: usize) -> Option<(usize, usize)> {
    let chain = |at: usize| {
        let mut chain = vec![at];
        while let Some(parent) = chain.last().and_then(|at| plan.boxes[*at].parent) {
            chain.push(parent);
        }
        chain.reverse();
        chain
    };
    let (from, to) = (chain(from), chain(to));
    from.into_iter().zip(to).find(|(from, to)| from != to)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::{PlanBox, PlanLink};

    fn plan(parents: &[Option<usize>], links: &[(usize, usize)]) -> Plan {
        let shape = |parent: &Option<usize>| PlanBox {
            parent: *parent,
            width: 10.0,
            height: 10.0,
            is_container: false,
            is_mark: false,
        };
        let link = |(from, to): &(usize, usize)| PlanLink {
            from: *from,
            to: *to,
            label: None,
        };
        Plan {
            boxes: parents.iter().map(shape).collect(),
            links: links.iter().map(link).collect(),
        }
    }

    #[test]
    fn boxes_follow_the_links_not_the_file() {
        let plan = plan(&[None; 4], &[(0, 3), (3, 1), (1, 2), (2, 3)]);
        assert_eq!(reading(&plan), [0, 3, 1, 2]);
    }

    #[test]
    fn a_box_where_ways_meet_stands_behind_all_of_them() {
        let plan = plan(&[None; 4], &[(0, 1), (0, 2), (1, 3), (2, 3)]);
        assert_eq!(reading(&plan), [0, 1, 2, 3]);
        let plan = self::plan(&[None; 4], &[(0, 3), (0, 1), (3, 2), (1, 3)]);
        assert_eq!(reading(&plan), [0, 1, 3, 2]);
    }

    #[test]
    fn what_leads_in_from_aside_stands_before_and_what_does_not_behind() {
        // 3 leads into the walk of 0, as `any state` does; 2 to nothing.
        let plan = plan(&[None; 4], &[(0, 1), (3, 1), (1, 0)]);
        assert_eq!(reading(&plan), [3, 0, 1, 2]);
    }

    #[test]
    fn a_link_between_boxes_inside_counts_for_those_around_them() {
        // 0 holds 2, 1 holds 3; 3 leads to 2.
        let plan = plan(&[None, None, Some(0), Some(1)], &[(3, 2), (0, 2)]);
        assert_eq!(reading(&plan), [1, 0, 2, 3]);
    }
}
