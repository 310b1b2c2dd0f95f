//! Executable content and payloads, read from XML.

use roxmltree::Node as XmlNode;

use super::document::{Element, ElementKind, Given, Param, Payload, Send, SendId, Text};
use super::read::{Reader, is_ours};

/// Names separated by white space.
pub(super) fn id_list(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

/// A value from an attribute, else from the text between the tags. Texts are compared by their words, so white space
/// is one blank.
pub(super) fn value_of(xml: XmlNode<'_, '_>, attribute: &str) -> Option<Given> {
    if let Some(expr) = xml.attribute(attribute) {
        return Some(Given::Expr(expr.to_owned()));
    }
    let text: String = xml.children().filter_map(|child| child.text()).collect();
    let words: Vec<&str> = text.split_whitespace().collect();
    (!words.is_empty()).then(|| Given::Text(words.join(" ")))
}

impl Reader<'_> {
    /// The executable content inside an element.
    pub(super) fn content(&mut self, xml: XmlNode<'_, '_>, depth: usize) -> Vec<Element> {
        if self.is_too_deep(xml, depth) {
            return Vec::new();
        }
        let elements = xml.children().filter(XmlNode::is_element);
        elements
            .filter_map(|child| self.element(child, depth + 1))
            .collect()
    }

    fn element(&mut self, xml: XmlNode<'_, '_>, depth: usize) -> Option<Element> {
        let name = xml.tag_name().name();
        if !is_ours(xml) {
            self.lose(
                xml,
                "foreign action",
                "an action of another namespace; make it an effect",
                format!("`{name}` of another namespace is not supported as an action"),
            );
            return None;
        }
        let kind = match name {
            "raise" => ElementKind::Raise {
                event: self.required(xml, "event"),
            },
            "assign" => ElementKind::Assign {
                location: self.required(xml, "location"),
                value: self.given(xml),
            },
            "if" => self.choice(xml, depth),
            "foreach" => ElementKind::Foreach {
                array: self.required(xml, "array"),
                item: self.required(xml, "item"),
                index: xml.attribute("index").map(str::to_owned),
                body: self.content(xml, depth),
            },
            "log" => ElementKind::Log {
                label: xml.attribute("label").unwrap_or_default().to_owned(),
                expr: xml.attribute("expr").map(str::to_owned),
            },
            "send" => ElementKind::Send(Box::new(self.send(xml))),
            "cancel" => ElementKind::Cancel {
                id: text_of(xml, "sendid", "sendidexpr").unwrap_or_else(|| {
                    self.note(xml, "`cancel` needs the attribute `sendid` or `sendidexpr`");
                    Text::Literal(String::new())
                }),
            },
            "script" => {
                self.lose(
                    xml,
                    "script",
                    "a chart holds expressions and no programs; make it an effect, or assignments",
                    "`script` is not supported as an action",
                );
                return None;
            }
            other => {
                self.note(xml, format!("`{other}` is not supported as an action"));
                return None;
            }
        };
        Some(Element {
            kind,
            span: xml.range(),
        })
    }

    /// `elseif` and `else` are no containers but marks between the branches.
    fn choice(&mut self, xml: XmlNode<'_, '_>, depth: usize) -> ElementKind {
        let mut branches = vec![(self.required(xml, "cond"), Vec::new())];
        let mut otherwise = None;
        let is_read = !self.is_too_deep(xml, depth);
        let children = xml.children().filter(|child| is_read && child.is_element());
        for child in children {
            match child.tag_name().name() {
                "elseif" if is_ours(child) => {
                    branches.push((self.required(child, "cond"), Vec::new()));
                }
                "else" if is_ours(child) => otherwise = Some(Vec::new()),
                _ => {
                    let element = self.element(child, depth + 1);
                    let last = branches.last_mut().map(|(_, actions)| actions);
                    if let Some(actions) = otherwise.as_mut().or(last) {
                        actions.extend(element);
                    }
                }
            }
        }
        ElementKind::If {
            branches,
            otherwise: otherwise.unwrap_or_default(),
        }
    }

    fn send(&mut self, xml: XmlNode<'_, '_>) -> Send {
        let event = text_of(xml, "event", "eventexpr").unwrap_or_else(|| {
            let is_foreign = xml.attribute("type").is_some() || xml.attribute("target").is_some();
            if !(self.is_lenient() && is_foreign) {
                self.note(
                    xml,
                    "a `send` without `event` or `eventexpr` is not supported",
                );
            }
            Text::Literal(String::new())
        });
        let given = xml.attribute("id").map(|id| SendId::Given(id.to_owned()));
        let stored = xml
            .attribute("idlocation")
            .map(|field| SendId::Stored(field.to_owned()));
        Send {
            event,
            target: text_of(xml, "target", "targetexpr"),
            kind: text_of(xml, "type", "typeexpr"),
            delay: text_of(xml, "delay", "delayexpr"),
            id: given.or(stored),
            payload: self.payload(xml),
        }
    }

    /// What a `send` or a `donedata` carries.
    pub(super) fn payload(&mut self, xml: XmlNode<'_, '_>) -> Payload {
        let mut payload = Payload {
            names: xml.attribute("namelist").map(id_list).unwrap_or_default(),
            ..Payload::default()
        };
        for child in xml.children().filter(XmlNode::is_element) {
            match child.tag_name().name() {
                "param" if is_ours(child) => {
                    let name = self.required(child, "name");
                    let expr = child.attribute("expr").or(child.attribute("location"));
                    if expr.is_none() {
                        self.note(child, "`param` needs the attribute `expr` or `location`");
                    }
                    payload.params.push(Param {
                        name,
                        expr: expr.unwrap_or_default().to_owned(),
                    });
                }
                "content" if is_ours(child) => payload.content = Some(self.given(child)),
                other => self.note(child, format!("`{other}` is not supported here")),
            }
        }
        payload
    }
}

fn text_of(xml: XmlNode<'_, '_>, literal: &str, computed: &str) -> Option<Text> {
    let expr = xml
        .attribute(computed)
        .map(|expr| Text::Expr(expr.to_owned()));
    expr.or_else(|| {
        xml.attribute(literal)
            .map(|text| Text::Literal(text.to_owned()))
    })
}
