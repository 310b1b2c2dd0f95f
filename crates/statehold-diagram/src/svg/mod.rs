//! A [`Drawing`] as SVG, written by hand.
//!
//! The text of a picture is a function of machine and options alone. Every state carries `data-state` (its path), every
//! transition `data-transition` (its number) and the class `tN`, so that a page can paint on it. Nothing from a chart is
//! ever written but through [`markup`]'s escape, and there is no script, link or outside reference in it.

mod markup;
mod route;
mod style;
mod told;

use markup::{Markup, Value, number};

use crate::drawing::{Anchor, Drawing, DrawnEdge, DrawnNode, Role, Text};
use crate::options::Options;
use crate::picture::{Edge, Inside, Node, NodeId, NodeKind, Picture, TransitionNo};
use crate::text::Tone;

use Value::{Number, Text as Words};

/// Corner radius of a state.
const RADIUS: f64 = 9.0;

/// Between the two borders of a final state.
const RING: f64 = 3.5;

/// The drawing as an SVG document.
pub(crate) fn write(picture: &Picture, drawing: &Drawing, options: &Options) -> String {
    let mut writer = Writer {
        picture,
        drawing,
        options,
        out: Markup::default(),
    };
    writer.document();
    writer.out.finish()
}

struct Writer<'a> {
    picture: &'a Picture,
    drawing: &'a Drawing,
    options: &'a Options,
    out: Markup,
}

impl Writer<'_> {
    fn document(&mut self) {
        let (width, height) = (self.drawing.width, self.drawing.height);
        let view = format!("0 0 {} {}", number(width), number(height));
        let id = self.id();
        let (title_id, desc_id) = (format!("{id}-title"), format!("{id}-desc"));
        self.out.open(
            "svg",
            &[
                ("xmlns", Words("http://www.w3.org/2000/svg")),
                ("class", Words(style::SCOPE)),
                ("width", Number(width)),
                ("height", Number(height)),
                ("viewBox", Words(&view)),
                ("role", Words("img")),
                ("aria-labelledby", Words(&format!("{title_id} {desc_id}"))),
            ],
        );
        self.out
            .leaf("title", &[("id", Words(&title_id))], &self.picture.title());
        self.out.leaf(
            "desc",
            &[("id", Words(&desc_id))],
            &told::description(self.picture),
        );
        self.out
            .leaf("style", &[], &style::sheet(self.options.theme));
        self.out.line();
        self.out.empty(
            "rect",
            &[
                ("class", Words("ground")),
                ("width", Number(width)),
                ("height", Number(height)),
            ],
        );
        self.heading();
        // Frames lie below arrows, arrows below states: an arrow into a frame stays visible, none hides a state.
        self.nodes(true);
        self.edges();
        self.nodes(false);
        self.names_of_frames();
        self.out.line();
    }

    /// The ids of two pictures in one page must differ.
    fn id(&self) -> String {
        let name: String = self
            .picture
            .machine
            .chars()
            .filter(|c| c.is_ascii_alphanumeric() || *c == '_')
            .collect();
        format!("sh-{name}-{}", self.picture.version)
    }

    fn heading(&mut self) {
        if self.drawing.heading.is_empty() {
            return;
        }
        self.out.line();
        self.out.open("g", &[("class", Words("heading"))]);
        for text in &self.drawing.heading {
            self.text(text, &self.picture.inside, &[]);
        }
        self.out.close();
    }

    fn nodes(&mut self, frames: bool) {
        for (at, drawn) in self.drawing.nodes.iter().enumerate() {
            let node = self.picture.node(NodeId(at));
            if node.kind.is_container() == frames {
                self.node(node, drawn);
            }
        }
    }

    fn node(&mut self, node: &Node, drawn: &DrawnNode) {
        self.out.line();
        let class = self.node_class(node);
        let mut attributes = vec![("class", Words(&class))];
        if !node.path.is_empty() {
            attributes.push(("data-state", Words(&node.path)));
        }
        self.out.open("g", &attributes);
        let title = told::title_of_node(node);
        if !title.is_empty() {
            self.out.leaf("title", &[], &title);
        }
        self.shape(node, drawn);
        if !node.kind.is_container() {
            self.texts(node, drawn, &[]);
        }
        self.out.close();
    }

    /// Names of frames come last: an arrow that has to run through one must not strike it out.
    fn names_of_frames(&mut self) {
        for (at, drawn) in self.drawing.nodes.iter().enumerate() {
            let node = self.picture.node(NodeId(at));
            if node.kind.is_container() {
                self.out.line();
                let class = self.node_class(node);
                self.out.open("g", &[("class", Words(&class))]);
                // A halo would thicken the line through a deprecated name.
                let halo: &[&str] = if node.deprecated.is_some() {
                    &[]
                } else {
                    &["halo"]
                };
                self.texts(node, drawn, halo);
                self.out.close();
            }
        }
    }

    fn texts(&mut self, node: &Node, drawn: &DrawnNode, classes: &[&str]) {
        for text in &drawn.texts {
            self.text(text, &node.inside, classes);
        }
    }

    fn node_class(&self, node: &Node) -> String {
        let mut class = told::class_of_node(node.kind).to_owned();
        let is_active = !node.path.is_empty() && self.options.highlight.active.contains(&node.path);
        let marks = [
            (node.is_region, " region"),
            (node.deprecated.is_some(), " deprecated"),
            (is_active, " active"),
        ];
        for (is_so, mark) in marks {
            if is_so {
                class.push_str(mark);
            }
        }
        class
    }

    fn shape(&mut self, node: &Node, drawn: &DrawnNode) {
        let (rect, center) = (&drawn.rect, drawn.rect.center());
        match node.kind {
            NodeKind::Initial | NodeKind::History { .. } => {
                let class = if node.kind == NodeKind::Initial {
                    "dot"
                } else {
                    "box"
                };
                self.out.empty(
                    "circle",
                    &[
                        ("class", Words(class)),
                        ("cx", Number(center.x)),
                        ("cy", Number(center.y)),
                        ("r", Number(rect.width.min(rect.height) / 2.0)),
                    ],
                );
                return;
            }
            NodeKind::Fork => self.rect("dot", drawn, 0.0, 3.0),
            NodeKind::AnyState => self.rect("box", drawn, 0.0, rect.height / 2.0),
            NodeKind::Final => {
                self.rect("box", drawn, 0.0, RADIUS + RING);
                self.rect("ring", drawn, RING, RADIUS);
            }
            _ => self.rect("box", drawn, 0.0, RADIUS),
        }
        if let Some(y) = drawn.divider {
            let right = if node.kind.is_container() {
                rect.x + rect.width.min(160.0)
            } else {
                rect.right()
            };
            self.out.empty(
                "line",
                &[
                    ("class", Words("divider")),
                    ("x1", Number(rect.x + 8.0)),
                    ("y1", Number(y)),
                    ("x2", Number(right - 8.0)),
                    ("y2", Number(y)),
                ],
            );
        }
    }

    fn rect(&mut self, class: &'static str, drawn: &DrawnNode, inset: f64, radius: f64) {
        let rect = drawn.rect.grown(-inset);
        self.out.empty(
            "rect",
            &[
                ("class", Words(class)),
                ("x", Number(rect.x)),
                ("y", Number(rect.y)),
                ("width", Number(rect.width)),
                ("height", Number(rect.height)),
                ("rx", Number(radius)),
            ],
        );
    }

    fn edges(&mut self) {
        for (edge, drawn) in self.picture.edges.iter().zip(&self.drawing.edges) {
            self.edge(edge, drawn);
        }
    }

    fn edge(&mut self, edge: &Edge, drawn: &DrawnEdge) {
        self.out.line();
        let mut class = format!("edge {}", told::class_of_edge(edge.kind));
        class.push_str(&self.transition_class(edge.transition));
        if edge.deprecated {
            class.push_str(" deprecated");
        }
        let number = edge
            .transition
            .map(|TransitionNo(number)| number.to_string());
        let mut attributes = vec![("class", Words(&class))];
        if let Some(number) = &number {
            attributes.push(("data-transition", Words(number)));
        }
        self.out.open("g", &attributes);
        self.out.leaf("title", &[], &edge.title);
        let is_branching = self.picture.node(edge.to).kind == NodeKind::Fork;
        self.out.empty(
            "path",
            &[
                ("class", Words("line")),
                ("d", Words(&route::line(&drawn.points, !is_branching))),
            ],
        );
        if !is_branching && let Some(head) = route::head(&drawn.points) {
            self.out
                .empty("path", &[("class", Words("head")), ("d", Words(&head))]);
        }
        for text in &drawn.texts {
            self.text(text, &[], &[]);
        }
        self.out.close();
    }

    /// The class that names a transition, and how tests covered it.
    fn transition_class(&self, transition: Option<TransitionNo>) -> String {
        let Some(number) = transition else {
            return String::new();
        };
        let covered = match &self.options.coverage {
            None => "",
            Some(coverage) if coverage.taken.contains(&number) => " covered",
            Some(_) => " missed",
        };
        format!(" t{}{covered}", number.0)
    }

    fn text(&mut self, text: &Text, inside: &[Inside], classes: &[&str]) {
        let mut class = match text.role {
            Role::Name => "name".to_owned(),
            Role::Note => "note".to_owned(),
            Role::Count => "count".to_owned(),
            Role::Label => "label".to_owned(),
            Role::Inside(_) => "inside".to_owned(),
        };
        let mut title = None;
        if let Role::Inside(at) = text.role
            && let Some(item) = inside.get(at)
        {
            class.push_str(&self.transition_class(item.transition));
            if item.deprecated {
                class.push_str(" deprecated");
            }
            title = Some(item.title.as_str());
        }
        for more in classes {
            class.push(' ');
            class.push_str(more);
        }
        let mut attributes = vec![
            ("class", Words(&class)),
            ("x", Number(text.at.x)),
            ("y", Number(text.at.y)),
            ("font-size", Number(text.size)),
        ];
        match text.anchor {
            Anchor::Start => {}
            Anchor::Middle => attributes.push(("text-anchor", Words("middle"))),
            Anchor::End => attributes.push(("text-anchor", Words("end"))),
        }
        self.out.open("text", &attributes);
        if let Some(title) = title {
            self.out.leaf("title", &[], title);
        }
        for piece in &text.line.pieces {
            let class = match (piece.tone, text.role) {
                (Tone::Strong, Role::Label | Role::Inside(_)) => "strong trigger",
                (Tone::Strong, _) => "strong",
                (Tone::Guard, _) => "guard",
                (Tone::Action, _) => "action",
                (Tone::Muted, _) => "muted",
            };
            self.out
                .leaf("tspan", &[("class", Words(class))], &piece.text);
        }
        self.out.close();
    }
}
