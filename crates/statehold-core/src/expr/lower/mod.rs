//! From the parser's tree to ours: names become places, operators become enums. Calls are next door.

mod calls;

use cel::IdedExpr;
use cel::common::ast::{CallExpr, EntryExpr, Expr, ListExpr, LiteralValue, MapExpr, SourceInfo};

use super::ast::{Binary, Entry, Item, Kind, Known, Literal, Node, Root, Span};
use super::parse::Offsets;
use super::scan::{TokenKind, Tokens};
use super::{DEPTH_MAX, ExprError};

pub(super) struct Lowering<'a> {
    tokens: &'a Tokens<'a>,
    offsets: &'a Offsets,
    info: &'a SourceInfo,
    /// Variables of the macros around, outermost first.
    locals: Vec<String>,
    depth: usize,
}

impl<'a> Lowering<'a> {
    pub(super) fn new(tokens: &'a Tokens<'a>, offsets: &'a Offsets, info: &'a SourceInfo) -> Self {
        Self {
            tokens,
            offsets,
            info,
            locals: Vec::new(),
            depth: 0,
        }
    }

    pub(super) fn lower(mut self, tree: IdedExpr) -> Result<Node, ExprError> {
        self.node(tree)
    }

    fn node(&mut self, tree: IdedExpr) -> Result<Node, ExprError> {
        // The scan promised this; the promise of evaluation rests on it, so it is kept here.
        if self.depth > DEPTH_MAX {
            return Err(ExprError::too_large(
                0..self.tokens.source.len(),
                format!("the expression nests deeper than {DEPTH_MAX} levels"),
            ));
        }
        self.depth += 1;
        let token = self.token_of(tree.id);
        let node = match tree.expr {
            Expr::Literal(literal) => Ok(Node {
                kind: Kind::Literal(self.literal(literal, token)?),
                span: self.span(token),
            }),
            Expr::Ident(name) => self.name(&name, token),
            Expr::Select(select) => self.select(*select.operand, &select.field, token),
            Expr::Call(call) => self.call(call, token),
            Expr::List(list) => self.list(list, token),
            Expr::Map(map) => self.map(map, token),
            Expr::Struct(_) => Err(self.unsupported(token, "typed objects are not supported")),
            Expr::Comprehension(_) | Expr::Unspecified => {
                Err(self.unsupported(token, "this is not supported"))
            }
        };
        self.depth -= 1;
        node
    }

    /// Index of the token a node of the parser was made at.
    fn token_of(&self, id: u64) -> usize {
        let (start, _) = self.info.offset_for(id).unwrap_or_default();
        let byte = self.offsets.byte(start as usize);
        self.tokens
            .index_at(byte)
            .min(self.tokens.list.len().saturating_sub(1))
    }

    fn span(&self, token: usize) -> Span {
        let range = self
            .tokens
            .list
            .get(token)
            .map_or(0..0, |token| token.range.clone());
        Span {
            start: u16::try_from(range.start).unwrap_or(u16::MAX),
            end: u16::try_from(range.end).unwrap_or(u16::MAX),
        }
    }

    /// From a bracket to the one that closes it.
    fn bracket(&self, token: usize) -> Span {
        let open = self.tokens.list.get(token);
        let close = open
            .filter(|open| open.kind == TokenKind::Open)
            .map_or(token, |open| open.partner);
        self.span(token).to(self.span(close))
    }

    fn unsupported(&self, token: usize, message: &str) -> ExprError {
        ExprError::syntax(self.span(token).range(), message)
    }

    fn literal(&self, literal: LiteralValue, token: usize) -> Result<Literal, ExprError> {
        Ok(match literal {
            LiteralValue::Null => Literal::Null,
            LiteralValue::Boolean(value) => Literal::Bool(*value.inner()),
            LiteralValue::Int(value) => Literal::Int(*value.inner()),
            LiteralValue::UInt(value) => Literal::Uint(*value.inner()),
            LiteralValue::Double(value) => Literal::Double(*value.inner()),
            LiteralValue::String(value) => Literal::Text(value.inner().into()),
            LiteralValue::Bytes(_) => {
                return Err(self.unsupported(token, "bytes are not supported"));
            }
        })
    }

    fn name(&self, name: &str, token: usize) -> Result<Node, ExprError> {
        let span = self.span(token);
        if name.starts_with('.') {
            return Err(ExprError::syntax(
                span.range(),
                "a name cannot begin with a dot",
            ));
        }
        if let Some(index) = self.locals.iter().rposition(|local| local == name) {
            return Ok(Node {
                kind: Kind::Local(index),
                span,
            });
        }
        let kind = match super::value::type_named(name) {
            Some(type_name) => Kind::Literal(Literal::Type(type_name)),
            None => Kind::Root(Root::find(name)),
        };
        Ok(Node { kind, span })
    }

    fn select(&mut self, operand: IdedExpr, field: &str, dot: usize) -> Result<Node, ExprError> {
        let operand = self.node(operand)?;
        let span = operand.span.to(self.span(dot + 1));
        let known = match &operand.kind {
            Kind::Root(root) => Known::find(root.name(), field),
            _ => None,
        };
        let kind = match known {
            Some(known) => Kind::Known(known),
            None => Kind::Select(Box::new(operand), field.into()),
        };
        Ok(Node { kind, span })
    }

    fn call(&mut self, call: CallExpr, token: usize) -> Result<Node, ExprError> {
        let CallExpr {
            func_name: name,
            target,
            mut args,
        } = call;
        match target {
            None if args.len() == 2 => {
                if let Some(binary) = binary_operator(&name) {
                    let nodes = self.two(args)?;
                    return Ok(spanning(nodes, |nodes| Kind::Binary(binary, nodes)));
                }
                match name.as_str() {
                    "_&&_" => Ok(spanning(self.two(args)?, Kind::And)),
                    "_||_" => Ok(spanning(self.two(args)?, Kind::Or)),
                    "_[_]" => self.index(args, token, Kind::Index),
                    "_[?_]" => self.index(args, token, Kind::OptionalIndex),
                    "_?._" => self.optional_select(args, token),
                    _ => self.function(&name, None, args, token),
                }
            }
            None if name == "_?_:_" => {
                let nodes = self.nodes(args)?;
                let nodes: Box<[Node; 3]> = exactly(nodes)?;
                let span = nodes[0].span.to(nodes[2].span);
                Ok(Node {
                    kind: Kind::If(nodes),
                    span,
                })
            }
            None if args.len() == 1 && (name == "!_" || name == "-_") => {
                let operand = Box::new(self.node(args.remove(0))?);
                let span = self.span(token).to(operand.span);
                let kind = if name == "!_" {
                    Kind::Not(operand)
                } else {
                    Kind::Negate(operand)
                };
                Ok(Node { kind, span })
            }
            target => self.function(&name, target.map(|target| *target), args, token),
        }
    }

    fn nodes(&mut self, trees: Vec<IdedExpr>) -> Result<Vec<Node>, ExprError> {
        trees.into_iter().map(|tree| self.node(tree)).collect()
    }

    fn two(&mut self, trees: Vec<IdedExpr>) -> Result<Box<[Node; 2]>, ExprError> {
        let nodes = self.nodes(trees)?;
        exactly(nodes)
    }

    fn index(
        &mut self,
        args: Vec<IdedExpr>,
        bracket: usize,
        kind: fn(Box<[Node; 2]>) -> Kind,
    ) -> Result<Node, ExprError> {
        let nodes = self.two(args)?;
        let span = nodes[0].span.to(self.bracket(bracket));
        Ok(Node {
            kind: kind(nodes),
            span,
        })
    }

    fn optional_select(&mut self, args: Vec<IdedExpr>, dot: usize) -> Result<Node, ExprError> {
        let nodes: Box<[Node; 2]> = self.two(args)?;
        let [operand, field] = *nodes;
        let Kind::Literal(Literal::Text(field)) = field.kind else {
            return Err(self.unsupported(dot, "a name is missing after `.?`"));
        };
        let span = operand.span.to(self.span(dot + 2));
        Ok(Node {
            kind: Kind::OptionalSelect(Box::new(operand), field),
            span,
        })
    }

    fn list(&mut self, list: ListExpr, token: usize) -> Result<Node, ExprError> {
        let optional = list.optional_indices;
        let items = list.elements.into_iter().enumerate().map(|(index, tree)| {
            Ok(Item {
                node: self.node(tree)?,
                optional: optional.contains(&index),
            })
        });
        Ok(Node {
            kind: Kind::List(items.collect::<Result<_, ExprError>>()?),
            span: self.bracket(token),
        })
    }

    fn map(&mut self, map: MapExpr, token: usize) -> Result<Node, ExprError> {
        let mut entries = Vec::with_capacity(map.entries.len());
        for entry in map.entries {
            let EntryExpr::MapEntry(entry) = entry.expr else {
                return Err(self.unsupported(token, "typed objects are not supported"));
            };
            entries.push(Entry {
                key: self.node(entry.key)?,
                value: self.node(entry.value)?,
                optional: entry.optional,
            });
        }
        Ok(Node {
            kind: Kind::Map(entries),
            span: self.bracket(token),
        })
    }
}

fn spanning(nodes: Box<[Node; 2]>, kind: impl FnOnce(Box<[Node; 2]>) -> Kind) -> Node {
    let span = nodes[0].span.to(nodes[1].span);
    Node {
        kind: kind(nodes),
        span,
    }
}

fn exactly<const N: usize>(nodes: Vec<Node>) -> Result<Box<[Node; N]>, ExprError> {
    nodes
        .try_into()
        .map(Box::new)
        .map_err(|_| ExprError::syntax(0..0, "an operand is missing"))
}

fn binary_operator(name: &str) -> Option<Binary> {
    Some(match name {
        "_==_" => Binary::Equal,
        "_!=_" => Binary::NotEqual,
        "_<_" => Binary::Less,
        "_<=_" => Binary::LessEqual,
        "_>_" => Binary::Greater,
        "_>=_" => Binary::GreaterEqual,
        "@in" => Binary::In,
        "_+_" => Binary::Add,
        "_-_" => Binary::Subtract,
        "_*_" => Binary::Multiply,
        "_/_" => Binary::Divide,
        "_%_" => Binary::Modulo,
        _ => return None,
    })
}
