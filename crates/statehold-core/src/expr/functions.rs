//! The functions of the language: what they are called, how, and with how many arguments. What they do is in
//! [`call`](super::eval).

/// How a function is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// `f(x)`, or `namespace.f(x)`.
    Global,
    /// `x.f(y)`: `x` is the first argument.
    Method,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Function {
    Size,
    ToInt,
    ToUint,
    ToDouble,
    ToText,
    ToBool,
    ToTimestamp,
    ToDuration,
    TypeOf,
    Dyn,
    InState,
    HasRole,
    Days,
    Hours,
    Minutes,
    Seconds,
    Sum,
    Contains,
    StartsWith,
    EndsWith,
    CharAt,
    IndexOf,
    LastIndexOf,
    Join,
    LowerAscii,
    UpperAscii,
    Replace,
    Split,
    Substring,
    Trim,
    Reverse,
    Distinct,
    Flatten,
    Slice,
    Sort,
    Abs,
    Ceil,
    Floor,
    Round,
    Greatest,
    Least,
    OptionalNone,
    OptionalOf,
    OptionalOfNonZero,
    HasValue,
    Value,
    Or,
    OrValue,
    Time(TimePart),
}

/// A part of a timestamp or a duration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TimePart {
    FullYear,
    Month,
    Date,
    DayOfMonth,
    DayOfWeek,
    DayOfYear,
    Hours,
    Minutes,
    Seconds,
    Milliseconds,
}

/// One way to call a function. `least` and `most` count the receiver of a method.
pub(super) struct Signature {
    pub(super) name: &'static str,
    pub(super) style: Style,
    pub(super) least: usize,
    pub(super) most: usize,
    pub(super) function: Function,
}

/// Arguments of `math.greatest` and `math.least`: as many as a line holds.
const VARIADIC_MAX: usize = 16;

const fn global(name: &'static str, args: usize, function: Function) -> Signature {
    ranged(name, Style::Global, args, args, function)
}

const fn method(name: &'static str, args: usize, function: Function) -> Signature {
    ranged(name, Style::Method, args, args, function)
}

const fn ranged(
    name: &'static str,
    style: Style,
    least: usize,
    most: usize,
    function: Function,
) -> Signature {
    Signature {
        name,
        style,
        least,
        most,
        function,
    }
}

const fn time(name: &'static str, part: TimePart) -> Signature {
    ranged(name, Style::Method, 1, 2, Function::Time(part))
}

/// All of them but the macros and `matches`, which the lowering knows.
pub(super) const SIGNATURES: &[Signature] = &[
    global("size", 1, Function::Size),
    method("size", 1, Function::Size),
    global("int", 1, Function::ToInt),
    global("uint", 1, Function::ToUint),
    global("double", 1, Function::ToDouble),
    global("string", 1, Function::ToText),
    global("bool", 1, Function::ToBool),
    global("timestamp", 1, Function::ToTimestamp),
    global("duration", 1, Function::ToDuration),
    global("type", 1, Function::TypeOf),
    global("dyn", 1, Function::Dyn),
    global("in_state", 1, Function::InState),
    global("has_role", 1, Function::HasRole),
    global("days", 1, Function::Days),
    global("hours", 1, Function::Hours),
    global("minutes", 1, Function::Minutes),
    global("seconds", 1, Function::Seconds),
    global("sum", 1, Function::Sum),
    method("contains", 2, Function::Contains),
    method("startsWith", 2, Function::StartsWith),
    method("endsWith", 2, Function::EndsWith),
    method("charAt", 2, Function::CharAt),
    ranged("indexOf", Style::Method, 2, 3, Function::IndexOf),
    ranged("lastIndexOf", Style::Method, 2, 3, Function::LastIndexOf),
    ranged("join", Style::Method, 1, 2, Function::Join),
    method("lowerAscii", 1, Function::LowerAscii),
    method("upperAscii", 1, Function::UpperAscii),
    ranged("replace", Style::Method, 3, 4, Function::Replace),
    ranged("split", Style::Method, 2, 3, Function::Split),
    ranged("substring", Style::Method, 2, 3, Function::Substring),
    method("trim", 1, Function::Trim),
    method("reverse", 1, Function::Reverse),
    method("distinct", 1, Function::Distinct),
    method("flatten", 1, Function::Flatten),
    method("slice", 3, Function::Slice),
    method("sort", 1, Function::Sort),
    global("math.abs", 1, Function::Abs),
    global("math.ceil", 1, Function::Ceil),
    global("math.floor", 1, Function::Floor),
    global("math.round", 1, Function::Round),
    ranged(
        "math.greatest",
        Style::Global,
        1,
        VARIADIC_MAX,
        Function::Greatest,
    ),
    ranged(
        "math.least",
        Style::Global,
        1,
        VARIADIC_MAX,
        Function::Least,
    ),
    global("optional.none", 0, Function::OptionalNone),
    global("optional.of", 1, Function::OptionalOf),
    global("optional.ofNonZeroValue", 1, Function::OptionalOfNonZero),
    method("hasValue", 1, Function::HasValue),
    method("value", 1, Function::Value),
    method("or", 2, Function::Or),
    method("orValue", 2, Function::OrValue),
    time("getFullYear", TimePart::FullYear),
    time("getMonth", TimePart::Month),
    time("getDate", TimePart::Date),
    time("getDayOfMonth", TimePart::DayOfMonth),
    time("getDayOfWeek", TimePart::DayOfWeek),
    time("getDayOfYear", TimePart::DayOfYear),
    time("getHours", TimePart::Hours),
    time("getMinutes", TimePart::Minutes),
    time("getSeconds", TimePart::Seconds),
    time("getMilliseconds", TimePart::Milliseconds),
];

/// Macros and what else the lowering turns into nodes of their own, for suggestions.
pub(super) const MACROS: [&str; 9] = [
    "has",
    "all",
    "exists",
    "exists_one",
    "existsOne",
    "map",
    "filter",
    "matches",
    "bind",
];

/// Namespaces of global functions.
pub(super) const NAMESPACES: [&str; 3] = ["math", "optional", "cel"];

/// The way to call `name` in this style, with this many arguments (receiver included).
pub(super) fn find(name: &str, style: Style, args: usize) -> Option<Function> {
    SIGNATURES
        .iter()
        .find(|signature| {
            signature.name == name
                && signature.style == style
                && (signature.least..=signature.most).contains(&args)
        })
        .map(|signature| signature.function)
}

/// The name a function is known under, for messages.
pub(super) fn name(function: Function) -> &'static str {
    SIGNATURES
        .iter()
        .find(|signature| signature.function == function)
        .map_or("?", |signature| signature.name)
}
