//! Calls: functions, methods, and the macros, which become loops and bindings.

use cel::IdedExpr;
use cel::common::ast::Expr;

use super::super::ExprError;
use super::super::ast::{Kind, Literal, Loop, LoopKind, Node, Span};
use super::super::functions::{self, NAMESPACES, Style};
use super::super::pattern::Pattern;
use super::Lowering;

impl Lowering<'_> {
    /// A call that is not an operator. `paren` is the token of its opening bracket.
    pub(super) fn function(
        &mut self,
        name: &str,
        target: Option<IdedExpr>,
        args: Vec<IdedExpr>,
        paren: usize,
    ) -> Result<Node, ExprError> {
        let name_span = self.span(paren.saturating_sub(1));
        let span = name_span.to(self.bracket(paren));
        match target {
            None => self.global(name, args, span),
            Some(target) => match self.namespace(&target) {
                Some(namespace) => {
                    let span = self.span(self.token_of(target.id)).to(span);
                    self.global(&format!("{namespace}.{name}"), args, span)
                }
                None => self.method(name, target, args, span),
            },
        }
    }

    fn namespace(&self, target: &IdedExpr) -> Option<&'static str> {
        let Expr::Ident(name) = &target.expr else {
            return None;
        };
        let shadowed = self.locals.iter().any(|local| local == name);
        NAMESPACES
            .into_iter()
            .find(|namespace| namespace == name && !shadowed)
    }

    fn global(
        &mut self,
        name: &str,
        mut args: Vec<IdedExpr>,
        span: Span,
    ) -> Result<Node, ExprError> {
        match (name, args.len()) {
            ("has", 1) => return self.has(args.remove(0), span),
            ("cel.bind", 3) => return self.bind(args, span),
            ("matches", 2) => {
                let pattern = args.pop();
                let text = args.pop();
                if let (Some(text), Some(pattern)) = (text, pattern) {
                    return self.matches(text, pattern, span);
                }
            }
            _ => {}
        }
        let args = self.nodes(args)?;
        Ok(Node {
            kind: resolve(name, Style::Global, args),
            span,
        })
    }

    fn method(
        &mut self,
        name: &str,
        target: IdedExpr,
        mut args: Vec<IdedExpr>,
        span: Span,
    ) -> Result<Node, ExprError> {
        let kind = match (name, args.len()) {
            ("all", 2) => Some(LoopKind::All),
            ("exists", 2) => Some(LoopKind::Exists),
            ("exists_one" | "existsOne", 2) => Some(LoopKind::ExistsOne),
            ("map", 2 | 3) => Some(LoopKind::Map),
            ("filter", 2) => Some(LoopKind::Filter),
            _ => None,
        };
        if let Some(kind) = kind {
            return self.r#loop(kind, target, args, span);
        }
        if name == "matches" && args.len() == 1 {
            return self.matches(target, args.remove(0), span);
        }
        let mut nodes = vec![self.node(target)?];
        nodes.extend(self.nodes(args)?);
        let span = nodes[0].span.to(span);
        Ok(Node {
            kind: resolve(name, Style::Method, nodes),
            span,
        })
    }

    fn has(&mut self, arg: IdedExpr, span: Span) -> Result<Node, ExprError> {
        let arg = self.node(arg)?;
        let kind = match arg.kind {
            Kind::Select(operand, field) => Kind::Has(operand, field),
            Kind::Known(known) => Kind::HasKnown(known),
            _ => {
                return Err(ExprError::syntax(
                    arg.span.range(),
                    "has() asks for a field, as in has(ctx.email)",
                ));
            }
        };
        Ok(Node { kind, span })
    }

    fn variable(&self, tree: &IdedExpr) -> Result<String, ExprError> {
        match &tree.expr {
            Expr::Ident(name) if !name.starts_with('.') => Ok(name.clone()),
            _ => Err(self.unsupported(
                self.token_of(tree.id),
                "the first argument names a variable, as in list.all(x, x > 0)",
            )),
        }
    }

    fn r#loop(
        &mut self,
        kind: LoopKind,
        target: IdedExpr,
        args: Vec<IdedExpr>,
        span: Span,
    ) -> Result<Node, ExprError> {
        let range = self.node(target)?;
        let span = range.span.to(span);
        let mut args = args.into_iter();
        let (Some(variable), Some(first)) = (args.next(), args.next()) else {
            return Err(ExprError::syntax(span.range(), "arguments are missing"));
        };
        self.locals.push(self.variable(&variable)?);
        let first = self.node(first)?;
        let (filter, body) = match args.next() {
            None => (None, first),
            Some(body) => (Some(first), self.node(body)?),
        };
        self.locals.pop();
        Ok(Node {
            kind: Kind::Loop(Box::new(Loop {
                kind,
                range,
                filter,
                body,
            })),
            span,
        })
    }

    fn bind(&mut self, args: Vec<IdedExpr>, span: Span) -> Result<Node, ExprError> {
        let mut args = args.into_iter();
        let (Some(variable), Some(value), Some(body)) = (args.next(), args.next(), args.next())
        else {
            return Err(ExprError::syntax(span.range(), "arguments are missing"));
        };
        let value = self.node(value)?;
        self.locals.push(self.variable(&variable)?);
        let body = self.node(body)?;
        self.locals.pop();
        Ok(Node {
            kind: Kind::Bind(Box::new([value, body])),
            span,
        })
    }

    fn matches(
        &mut self,
        text: IdedExpr,
        pattern: IdedExpr,
        span: Span,
    ) -> Result<Node, ExprError> {
        let text = self.node(text)?;
        let pattern = self.node(pattern)?;
        let Kind::Literal(Literal::Text(source)) = &pattern.kind else {
            return Err(ExprError::syntax(
                pattern.span.range(),
                "the pattern of matches() must be a literal text",
            ));
        };
        let compiled = Pattern::compile(source)
            .map_err(|message| ExprError::syntax(pattern.span.range(), message))?;
        let span = text.span.to(span);
        Ok(Node {
            kind: Kind::Matches(Box::new(text), Box::new(compiled)),
            span,
        })
    }
}

fn resolve(name: &str, style: Style, args: Vec<Node>) -> Kind {
    match functions::find(name, style, args.len()) {
        Some(function) => Kind::Call(function, args),
        None => Kind::UnknownCall(name.into(), args),
    }
}
