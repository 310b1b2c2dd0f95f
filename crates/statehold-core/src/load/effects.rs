//! Declared effects: what they ask of the world, what is tried again, and how their end comes back.

use std::collections::BTreeSet;
use std::time::Duration;

use indexmap::IndexMap;

use super::MAX_CALL;
use super::chart::{Loader, SensitiveArguments, not_yet, to_u32, words};
use super::exprs::View;
use super::handlers::Handler;
use super::http::{Http, Read};
use super::keys::{EFFECT, RETRY};
use super::names::{at_key, check_identifier, declared};
use crate::codes;
use crate::delay;
use crate::expr::Expr;
use crate::machine::{EffectDef, EffectKind, OnDead, ValueExpr};
use crate::retry::{MAX_ATTEMPTS, RetryOn, RetryPolicy};
use crate::source::{Item, MapReader, NodeValue};

/// Bound of one call if the chart does not say.
const DEFAULT_CALL: Duration = Duration::from_secs(10);

/// An effect as declared. What is sensitive in it shows only when all its uses are known.
pub(super) struct EffectDraft {
    pub(super) kind: Kind,
    definition: Settings,
    /// Where it stands, for what is found out later.
    span: crate::diagnostic::Span,
    pointer: String,
}

impl EffectDraft {
    pub(super) fn reports(&self) -> bool {
        self.definition.reports
    }

    pub(super) fn destination(&self) -> Option<&String> {
        let Kind::Http(http) = &self.kind else {
            return None;
        };
        Some(&http.destination).filter(|name| !name.is_empty())
    }
}

/// What an effect asks, and of whom.
pub(super) enum Kind {
    Http(Box<Http>),
    Handler(Handler),
    /// It could not be read, which has been noted.
    Unknown,
}

impl Kind {
    fn method(&self) -> &str {
        match self {
            Self::Http(http) => &http.method,
            // Nobody knows whether it can be repeated without harm: as with a POST.
            Self::Handler(_) | Self::Unknown => "POST",
        }
    }

    /// The arguments it reads one by one.
    fn reads(&self) -> &[Read] {
        match self {
            Self::Http(http) => &http.reads,
            Self::Handler(_) | Self::Unknown => &[],
        }
    }

    /// Whether it reads all arguments, whatever they are.
    fn reads_all(&self) -> bool {
        match self {
            Self::Http(http) => http.reads_all,
            Self::Handler(_) | Self::Unknown => true,
        }
    }
}

/// Everything of an effect but its request.
struct Settings {
    label: Option<String>,
    description: Option<String>,
    timeout: Duration,
    retry: RetryPolicy,
    ok: Option<Expr>,
    refused: Option<Expr>,
    reports: bool,
    on_dead: Option<OnDead>,
}

/// One place that asks for an effect.
pub(super) struct EffectUse {
    pub(super) effect: String,
    /// Arguments whose value may be sensitive.
    pub(super) sensitive: BTreeSet<String>,
}

impl<'n> Loader<'n> {
    /// The declared effects, by name.
    pub(super) fn read_effects(&self, chart: &MapReader<'n>) -> IndexMap<String, EffectDraft> {
        let entries = chart.optional("effects").map(|item| declared(&item));
        let mut effects = IndexMap::new();
        for (key, item) in entries.unwrap_or_default() {
            check_identifier(&item, &key.text, "an effect");
            let Some(map) = item.map(EFFECT).map(MapReader::checked) else {
                continue;
            };
            let kind = self.kind(&map);
            let draft = EffectDraft {
                definition: self.settings(&map, kind.method()),
                kind,
                span: key.span.clone(),
                pointer: item.pointer.clone(),
            };
            effects.insert(key.text.clone(), draft);
        }
        effects
    }

    /// The one thing that the effect asks.
    fn kind(&self, map: &MapReader<'n>) -> Kind {
        // The later ones of these were noted by their keys.
        let kinds = ["http", "handler", "send", "publish", "two_phase"];
        let present: Vec<(&str, Item<'n>)> = (kinds.into_iter())
            .filter_map(|kind| Some((kind, map.optional(kind)?)))
            .collect();
        match present.as_slice() {
            [] => {
                let problem = map.item.error(
                    codes::MISSING_KEY,
                    "an effect needs the key `http` or `handler`",
                );
                self.reader.report(problem.help(
                    "`http`: an HTTP request to send; `handler`: name of the code that does it",
                ));
                Kind::Unknown
            }
            [("http", item)] => Kind::Http(Box::new(self.request(item))),
            [("handler", item)] => self.handler(item, map).map_or(Kind::Unknown, Kind::Handler),
            [_] => Kind::Unknown,
            [(first, _), .., (last, item)] => {
                let message = format!("an effect cannot both be `{first}` and `{last}`");
                let problem = at_key(item, codes::BAD_STRUCTURE, message);
                self.reader
                    .report(problem.help("declare two effects; a transition may ask for both"));
                Kind::Unknown
            }
        }
    }

    fn settings(&self, map: &MapReader<'n>, method: &str) -> Settings {
        let response = [("response", Some(self.shapes.reply()))];
        let reply = View {
            extra: &response,
            ..View::default()
        };
        let rule = |key: &str| {
            let item = map.optional(key)?;
            let rule = self.condition(&item, reply)?;
            self.check_rule(&item, &rule);
            Some(rule)
        };
        let reports = self.mode(map);
        Settings {
            label: words(map, "label"),
            description: words(map, "description"),
            timeout: self.call_timeout(map),
            retry: self.retry(map, method),
            ok: rule("ok"),
            refused: rule("refused"),
            reports,
            on_dead: self.on_dead(map, reports),
        }
    }

    /// A rule judges a reply that may come when the entity has moved on: it sees the reply and nothing else.
    fn check_rule(&self, item: &Item<'n>, rule: &Expr) {
        let references = rule.references();
        let root = |path: &str| path.split('.').next().unwrap_or(path).to_owned();
        let stray = (references.paths().map(root))
            .find(|root| ["ctx", "event", "actor", "entity", "now"].contains(&root.as_str()))
            .or_else(|| {
                let asks = |name: &&str| matches!(*name, "in_state" | "has_role");
                references.functions().find(asks).map(str::to_owned)
            });
        if let Some(stray) = stray {
            let message =
                format!("`{stray}` is not there: a rule about a reply sees `response` alone");
            let problem = item.error(codes::UNKNOWN_NAME, message);
            self.reader.report(problem.help(
                "`response.status` and `response.body`; what depends on the entity belongs into the guards of `onDone`",
            ));
        }
    }

    /// Whether the effect is declared and is an HTTP request.
    pub(super) fn is_http(&self, effect: &str) -> bool {
        let kind = self.effects.get(effect).map(|draft| &draft.kind);
        matches!(kind, Some(Kind::Http(_)))
    }

    /// Whether the chart hears of the end.
    fn mode(&self, map: &MapReader<'n>) -> bool {
        let Some(item) = map.optional("mode") else {
            return true;
        };
        let choices = [
            ("async", Some(true)),
            ("fire_and_forget", Some(false)),
            ("sync", None),
        ];
        match item.choice(&choices) {
            Some(None) => {
                self.reader.report(not_yet(&item, "`mode: sync`"));
                true
            }
            Some(Some(reports)) => reports,
            None => true,
        }
    }

    fn on_dead(&self, map: &MapReader<'n>, reports: bool) -> Option<OnDead> {
        let item = map.optional("on_dead")?;
        let choices = [
            ("raise", Some(OnDead::Raise)),
            ("continue", Some(OnDead::Continue)),
            ("halt", None),
        ];
        let chosen = item.choice(&choices)?;
        if chosen.is_none() {
            self.reader.report(not_yet(&item, "`on_dead: halt`"));
        }
        if chosen == Some(OnDead::Raise) && !reports {
            let message = "an effect that is forgotten after it was fired cannot raise anything";
            let problem = item.error(codes::BAD_STRUCTURE, message);
            self.reader
                .report(problem.help("remove `on_dead`, or use `mode: async`"));
        }
        chosen
    }

    fn call_timeout(&self, map: &MapReader<'n>) -> Duration {
        let Some(item) = map.optional("timeout") else {
            return DEFAULT_CALL;
        };
        let Some(timeout) = self.duration(&item) else {
            return DEFAULT_CALL;
        };
        if timeout.is_zero() || timeout > MAX_CALL {
            let message = format!(
                "a call takes more than nothing and at most {}",
                delay::format(MAX_CALL)
            );
            let problem = item.error(codes::BAD_VALUE, message);
            self.reader
                .report(problem.help("what takes longer answers later, with an event of its own"));
        }
        timeout
    }

    fn retry(&self, effect: &MapReader<'n>, method: &str) -> RetryPolicy {
        let mut policy = RetryPolicy {
            on: RetryOn::for_method(method),
            ..RetryPolicy::default()
        };
        let item = effect.optional("retry");
        let Some(map) = item
            .and_then(|item| item.map(RETRY))
            .map(MapReader::checked)
        else {
            return policy;
        };
        let attempts = map
            .optional("attempts")
            .and_then(|item| item.integer(1..=i64::from(MAX_ATTEMPTS)));
        policy.attempts = attempts.map_or(policy.attempts, to_u32);
        if let Some((min, max)) = map.optional("backoff").and_then(|item| self.backoff(&item)) {
            policy.backoff_min = min;
            policy.backoff_max = max;
        }
        if let Some(item) = map.optional("on") {
            policy.on = self.retry_on(&item);
        }
        if let Some(item) = map.optional("total") {
            policy.total = self.duration(&item);
        }
        policy
    }

    fn backoff(&self, item: &Item<'n>) -> Option<(Duration, Duration)> {
        let text = match &item.node.value {
            NodeValue::Int(number) => number.to_string(),
            _ => item.text()?.to_owned(),
        };
        match delay::parse_range(&text) {
            Ok((min, _)) if min.is_zero() => {
                let problem = item.error(
                    codes::BAD_VALUE,
                    "without a pause, retries would crush a peer that is just coming back",
                );
                self.reader.report(
                    problem.help("write the shortest and the longest pause: `backoff: 1s..1m`"),
                );
                None
            }
            Ok(range) => Some(range),
            Err(problem) => {
                self.reader.report(
                    item.error(codes::BAD_DURATION, problem)
                        .help("write the shortest and the longest pause: `backoff: 1s..1m`"),
                );
                None
            }
        }
    }

    fn retry_on(&self, item: &Item<'n>) -> RetryOn {
        let mut on = RetryOn::nothing();
        for item in item.one_or_many() {
            match &item.node.value {
                NodeValue::Int(429) => on.throttled = true,
                NodeValue::Int(status @ 400..=599) => on.statuses.extend(u16::try_from(*status)),
                NodeValue::Str(text) if text == "timeout" => on.timeout = true,
                NodeValue::Str(text) if text == "5xx" => on.server_errors = true,
                _ => {
                    let problem = item.error(
                        codes::BAD_VALUE,
                        "this is not a failure that can be tried again",
                    );
                    self.reader.report(problem.help(
                        "possible: timeout, 5xx, 429, or another status from 400 to 599; a request that could not be sent is always tried again",
                    ));
                }
            }
        }
        on
    }

    /// Notes arguments that the effect reads and is not given, or is given and does not read.
    pub(super) fn check_arguments(
        &self,
        item: &Item<'n>,
        input: Option<&Item<'n>>,
        draft: &EffectDraft,
        arguments: &[(String, ValueExpr)],
    ) {
        // Every use of a broken effect has the same to say.
        if self.reader.is_full() {
            return;
        }
        let is_given = |name: &str| arguments.iter().any(|(argument, _)| argument == name);
        for read in draft
            .kind
            .reads()
            .iter()
            .filter(|read| !read.optional && !is_given(&read.argument))
        {
            let name = &read.argument;
            let effect = item.node.as_str().unwrap_or_default();
            let message =
                format!("the effect `{effect}` reads `input.{name}`, which is not given here");
            let problem = item.error(codes::MISSING_KEY, message);
            self.reader.report(
                problem
                    .related(read.span.clone(), "read here")
                    .help(format!("give it: `input: {{ {name}: ... }}`")),
            );
        }
        if draft.kind.reads_all() {
            return;
        }
        let reads = draft.kind.reads();
        let is_read = |name: &str| reads.iter().any(|read| read.argument == name);
        for (key, item) in input.and_then(Item::entries).unwrap_or_default() {
            if !is_read(&key.text) {
                let message = format!("the effect never reads `input.{}`", key.text);
                let mut problem = item
                    .warning(codes::UNUSED, message)
                    .help("remove it, or use it");
                problem.span = key.span.clone();
                self.reader.report(problem);
            }
        }
    }

    /// The effects as the machine has them, with what may be sensitive in their requests.
    pub(super) fn finish_effects(self) -> IndexMap<String, EffectDef> {
        let mut arguments = SensitiveArguments::new();
        for used in self.uses.borrow().effects.iter() {
            let known = arguments.entry(used.effect.clone()).or_default();
            known.extend(used.sensitive.iter().cloned());
        }
        let places: Vec<Vec<String>> = (self.effects.iter())
            .map(|(name, draft)| self.sensitive_places(draft, arguments.get(name)))
            .collect();
        for ((name, draft), places) in self.effects.iter().zip(&places) {
            self.warn_of_address(name, draft, places);
        }
        let drafts = self.effects.into_iter().zip(places);
        drafts
            .filter_map(|((name, draft), places)| Some((name.clone(), draft.finish(name, places)?)))
            .collect()
    }

    /// Addresses stand in the logs of every machine they pass.
    fn warn_of_address(&self, name: &str, draft: &EffectDraft, places: &[String]) {
        if places.iter().any(|place| place == "path") {
            let message = format!(
                "the address of effect `{name}` may hold a sensitive value, and addresses end up in logs"
            );
            self.reader.report(
                crate::diagnostic::Diagnostic::warning(
                    codes::SENSITIVE_LEAK,
                    draft.span.clone(),
                    message,
                )
                .help("send it in the body or in a header")
                .at(draft.pointer.clone()),
            );
        }
    }
}

impl EffectDraft {
    fn finish(self, name: String, sensitive: Vec<String>) -> Option<EffectDef> {
        let Settings {
            label,
            description,
            timeout,
            retry,
            ok,
            refused,
            reports,
            on_dead,
        } = self.definition;
        let kind = match self.kind {
            Kind::Http(http) => EffectKind::Http(http.finish(sensitive)?),
            Kind::Handler(handler) => EffectKind::Handler(handler.finish(sensitive)),
            Kind::Unknown => return None,
        };
        Some(EffectDef {
            name,
            label,
            description,
            kind,
            timeout,
            retry,
            ok,
            refused,
            reports,
            on_dead,
            span: self.span,
        })
    }
}
