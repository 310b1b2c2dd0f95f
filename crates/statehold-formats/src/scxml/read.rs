//! From XML to a [`Document`]. Every problem of the text is noted, not only the first.

use roxmltree::{Document as Xml, Node as XmlNode, ParsingOptions};
use statehold_core::source::MAX_TEXT_BYTES;

use super::document::{Data, Document, Edge, Given, Node, NodeKind, Start};
use super::parts::{id_list, value_of};
use crate::notes::Notes;
use crate::{FormatError, NESTING_MAX, Problem};

/// Most nodes (elements, texts, comments) of a document.
const NODES_MAX: u32 = 100_000;

/// Namespace of the elements that mean something here.
pub(super) const SCXML: &str = "http://www.w3.org/2005/07/scxml";

/// Reads a document.
///
/// # Errors
/// Every problem: text that is not XML, elements that are unknown or not supported, attributes that are missing.
pub fn read(text: &str) -> Result<Document, FormatError> {
    let (document, notes) = read_parts(text, &parse(text)?, false);
    notes.into_losses()?;
    Ok(document)
}

/// As [`read`], but what a chart can do without is a loss: programs, content of other namespaces, external data.
pub(super) fn read_leniently<'t>(text: &'t str, xml: &Xml<'_>) -> (Document, Notes<'t>) {
    read_parts(text, xml, true)
}

/// The text as XML.
pub(super) fn parse(text: &str) -> Result<Xml<'_>, FormatError> {
    if text.len() > MAX_TEXT_BYTES {
        let message = format!("the document has more than {MAX_TEXT_BYTES} bytes");
        return Err(FormatError::one(Problem::at(text, 0, message)));
    }
    let options = ParsingOptions {
        // Entities can grow a small text without bound.
        allow_dtd: false,
        nodes_limit: NODES_MAX,
        ..ParsingOptions::default()
    };
    Xml::parse_with_options(text, options).map_err(|error| {
        let place = error.pos();
        FormatError::one(Problem {
            line: place.row as usize,
            column: place.col as usize,
            message: format!("not XML: {error}"),
        })
    })
}

fn read_parts<'t>(text: &'t str, xml: &Xml<'_>, lenient: bool) -> (Document, Notes<'t>) {
    let mut reader = Reader {
        notes: Notes::new(text),
        lenient,
    };
    let root = xml.root_element();
    if root.tag_name().name() != "scxml" || !is_ours(root) {
        reader.note(
            root,
            format!("the document must begin with `scxml` of the namespace {SCXML}"),
        );
    }
    let document = Document {
        name: root.attribute("name").map(str::to_owned),
        late_binding: root.attribute("binding") == Some("late"),
        root: reader.node(root, NodeKind::State, 0),
    };
    (document, reader.notes)
}

/// Whether the element belongs to SCXML. Documents without any namespace are common and clear enough.
pub(super) fn is_ours(node: XmlNode<'_, '_>) -> bool {
    matches!(node.tag_name().namespace(), None | Some(SCXML))
}

/// Collects problems while the document is taken apart.
pub(super) struct Reader<'t> {
    notes: Notes<'t>,
    lenient: bool,
}

impl Reader<'_> {
    pub(super) fn note(&mut self, node: XmlNode<'_, '_>, message: impl Into<String>) {
        self.notes.refuse(node.range().start, message);
    }

    /// Notes what a chart can do without, and a machine that runs here and now cannot.
    pub(super) fn lose(
        &mut self,
        node: XmlNode<'_, '_>,
        construct: &str,
        advice: &str,
        message: impl Into<String>,
    ) {
        let at = node.range().start;
        match self.lenient {
            true => self.notes.loss(at, construct, advice),
            false => self.notes.refuse(at, message),
        }
    }

    /// Whether a `send` may be one that no event processor of SCXML understands.
    pub(super) fn is_lenient(&self) -> bool {
        self.lenient
    }

    /// A required attribute.
    pub(super) fn required(&mut self, node: XmlNode<'_, '_>, name: &str) -> String {
        match node.attribute(name) {
            Some(value) => value.to_owned(),
            None => {
                let tag = node.tag_name().name();
                self.note(node, format!("`{tag}` needs the attribute `{name}`"));
                String::new()
            }
        }
    }

    pub(super) fn is_too_deep(&mut self, node: XmlNode<'_, '_>, depth: usize) -> bool {
        if depth < NESTING_MAX {
            return false;
        }
        self.note(
            node,
            format!("elements nest at most {NESTING_MAX} levels deep"),
        );
        true
    }

    fn node(&mut self, xml: XmlNode<'_, '_>, kind: NodeKind, depth: usize) -> Node {
        let mut node = Node {
            id: xml.attribute("id").map(str::to_owned),
            kind,
            initial: initial_attribute(xml),
            data: Vec::new(),
            on_entry: Vec::new(),
            on_exit: Vec::new(),
            transitions: Vec::new(),
            children: Vec::new(),
            done_data: None,
            span: xml.range(),
        };
        if self.is_too_deep(xml, depth) {
            return node;
        }
        for child in xml.children().filter(XmlNode::is_element) {
            self.part(&mut node, child, depth + 1);
        }
        node
    }

    fn part(&mut self, node: &mut Node, xml: XmlNode<'_, '_>, depth: usize) {
        if !is_ours(xml) {
            // Other namespaces may annotate states; nothing there is executed.
            return;
        }
        match xml.tag_name().name() {
            "state" => node.children.push(self.node(xml, NodeKind::State, depth)),
            "parallel" => node
                .children
                .push(self.node(xml, NodeKind::Parallel, depth)),
            "final" => node.children.push(self.node(xml, NodeKind::Final, depth)),
            "history" => {
                let deep = xml.attribute("type") == Some("deep");
                node.children
                    .push(self.node(xml, NodeKind::History { deep }, depth));
            }
            "initial" => node.initial = self.initial(xml, depth),
            // A history's only transition says where it leads without memory.
            "transition" if matches!(node.kind, NodeKind::History { .. }) => {
                node.initial = Some(self.start(xml, depth));
            }
            "transition" => node.transitions.push(self.edge(xml, depth)),
            "onentry" => node.on_entry.push(self.content(xml, depth)),
            "onexit" => node.on_exit.push(self.content(xml, depth)),
            "datamodel" => self.data(node, xml),
            "donedata" => node.done_data = Some(self.payload(xml)),
            "invoke" => self.note(
                xml,
                "`invoke` is not supported: work is an effect of the chart",
            ),
            "script" => self.lose(
                xml,
                "script",
                "a chart holds expressions and no programs; make it an effect, or assignments",
                "`script` is not supported: charts hold expressions, no programs",
            ),
            other => self.note(xml, format!("`{other}` is not known here")),
        }
    }

    fn initial(&mut self, xml: XmlNode<'_, '_>, depth: usize) -> Option<Start> {
        let transition = xml
            .children()
            .find(|child| child.has_tag_name((SCXML, "transition")));
        if transition.is_none() {
            self.note(xml, "`initial` needs a `transition`");
        }
        transition.map(|transition| self.start(transition, depth))
    }

    fn start(&mut self, xml: XmlNode<'_, '_>, depth: usize) -> Start {
        let targets = self.required(xml, "target");
        Start {
            targets: id_list(&targets),
            actions: self.content(xml, depth),
            span: xml.range(),
        }
    }

    fn edge(&mut self, xml: XmlNode<'_, '_>, depth: usize) -> Edge {
        Edge {
            events: xml.attribute("event").map(id_list).unwrap_or_default(),
            condition: xml.attribute("cond").map(str::to_owned),
            targets: xml.attribute("target").map(id_list).unwrap_or_default(),
            internal: xml.attribute("type") == Some("internal"),
            actions: self.content(xml, depth),
            span: xml.range(),
        }
    }

    fn data(&mut self, node: &mut Node, xml: XmlNode<'_, '_>) {
        for child in xml.children().filter(XmlNode::is_element) {
            if child.tag_name().name() != "data" || !is_ours(child) {
                self.note(child, "a `datamodel` holds `data` only");
                continue;
            }
            if child.attribute("src").is_some() {
                self.lose(
                    child,
                    "external data",
                    "nothing is loaded from elsewhere; give the field a default",
                    "`src` is not supported: nothing is loaded from elsewhere",
                );
            }
            let id = self.required(child, "id");
            let value = value_of(child, "expr");
            node.data.push(Data {
                id,
                value,
                span: child.range(),
            });
        }
    }

    /// A value that an attribute or the children give; noted if neither does.
    pub(super) fn given(&mut self, xml: XmlNode<'_, '_>) -> Given {
        value_of(xml, "expr").unwrap_or_else(|| {
            self.note(
                xml,
                "a value is missing: write `expr`, or the value between the tags",
            );
            Given::Text(String::new())
        })
    }
}

fn initial_attribute(xml: XmlNode<'_, '_>) -> Option<Start> {
    Some(Start {
        targets: id_list(xml.attribute("initial")?),
        actions: Vec::new(),
        span: xml.range(),
    })
}
