//! Effects: templates are filled in during the step, so that what is sent later is what was decided now.
//!
//! Values never change the shape of a request: in an address they are percent-encoded and cannot be empty or dots,
//! in a header they cannot hold control characters, and the destination is never theirs to choose.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value};

use super::content::{REQUESTS_MAX, check_bound};
use super::run::{Fail, Run};
use super::values::{as_text, eval_value, failed, unfit};
use crate::codes;
use crate::expr::{Part, Scope, Template};
use crate::lookup;
use crate::machine::{EffectDef, EffectKind, HeaderValue, HttpTemplate, ValueExpr};
use crate::request::{FrozenHeader, FrozenRequest, HandlerRequest, HttpRequest};
use crate::step::{EffectRequest, InvokeRef};

/// RFC 3986 unreserved characters stay, everything else in a value is encoded.
const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

impl<'a> Run<'a> {
    /// Writes an effect into the result of the step.
    pub(super) fn request_effect(
        &mut self,
        name: &str,
        input: &[(String, ValueExpr)],
        invoke: Option<InvokeRef>,
        place: &str,
    ) -> Result<(), Fail> {
        check_bound(self.effects_asked < REQUESTS_MAX, REQUESTS_MAX, "effects")?;
        let effect = lookup::entry(&self.machine.effects, name).ok_or_else(|| Fail {
            code: codes::UNKNOWN_EFFECT,
            message: format!("effect `{name}` is not declared"),
            place: place.to_owned(),
            event: None,
        })?;
        let mut arguments = Map::with_capacity(input.len());
        for (argument, value) in input {
            arguments.insert(argument.clone(), self.eval_value(value, place)?);
        }
        let request = self.freeze(effect, Value::Object(arguments))?;
        self.effects.push(EffectRequest {
            path: format!("{}.{name}", self.effects_asked),
            name: name.to_owned(),
            request,
            invoke,
        });
        self.effects_asked += 1;
        Ok(())
    }

    fn freeze(&self, effect: &EffectDef, input: Value) -> Result<FrozenRequest, Fail> {
        match &effect.kind {
            EffectKind::Http(http) => {
                let extra = [("input", &input)];
                let view = self.view().extra(&extra);
                let frozen = view.with(|scope| freeze(http, &effect.name, scope))?;
                Ok(FrozenRequest::Http(frozen))
            }
            EffectKind::Handler(handler) => Ok(FrozenRequest::Handler(HandlerRequest {
                handler: handler.name.clone(),
                input,
                sensitive: handler.sensitive.clone(),
            })),
        }
    }
}

fn freeze(http: &HttpTemplate, effect: &str, scope: &Scope<'_>) -> Result<HttpRequest, Fail> {
    let headers = http
        .headers
        .iter()
        .map(|(name, value)| Ok((name.clone(), freeze_header(name, value, scope)?)))
        .collect::<Result<_, Fail>>()?;
    let body = match &http.body {
        Some(body) => Some(eval_value(body, scope).map_err(|e| failed(&e, effect))?),
        None => None,
    };
    Ok(HttpRequest {
        method: http.method.clone(),
        destination: http.destination.clone(),
        path: freeze_path(&http.path, scope, effect)?,
        headers,
        body,
        sensitive: http.sensitive.clone(),
    })
}

fn freeze_header(name: &str, value: &HeaderValue, scope: &Scope<'_>) -> Result<FrozenHeader, Fail> {
    let template = match value {
        HeaderValue::Env(env) => return Ok(FrozenHeader::Env(env.clone())),
        HeaderValue::Template(template) => template,
    };
    let value = eval_value_of(template, scope, name)?;
    if value.chars().any(char::is_control) {
        return Err(unfit(
            "a header value may not hold control characters",
            name,
        ));
    }
    Ok(FrozenHeader::Text(value))
}

fn eval_value_of(template: &Template, scope: &Scope<'_>, place: &str) -> Result<String, Fail> {
    let mut text = String::new();
    for part in template.parts() {
        match part {
            Part::Lit(literal) => text.push_str(literal),
            Part::Expr(expr) => {
                text.push_str(&as_text(&expr.eval(scope).map_err(|e| failed(&e, place))?));
            }
        }
    }
    Ok(text)
}

fn freeze_path(template: &Template, scope: &Scope<'_>, place: &str) -> Result<String, Fail> {
    let mut path = String::new();
    for part in template.parts() {
        match part {
            Part::Lit(literal) => path.push_str(literal),
            Part::Expr(expr) => {
                let value = as_text(&expr.eval(scope).map_err(|e| failed(&e, place))?);
                if value.is_empty() && !path.contains('?') {
                    return Err(unfit("a part of an address is empty", place));
                }
                path.extend(utf8_percent_encode(&value, COMPONENT));
            }
        }
    }
    // Dot segments would name another resource than the author wrote.
    let resource = path.split('?').next().unwrap_or_default();
    if resource
        .split('/')
        .any(|segment| matches!(segment, "." | ".."))
    {
        return Err(unfit(
            "an address may not hold `.` or `..` as a segment",
            place,
        ));
    }
    Ok(path)
}
