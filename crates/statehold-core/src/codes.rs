//! The stable codes a user can meet. Each has a page `docs/errors/SHnnnn.md`; a test holds the two sets equal.
//!
//! SH01xx: charts. SH02xx: events and entities. SH03xx: effects. SH04xx: HTTP and configuration. SH05xx: stores. SH06xx: mocks.
//! SH07xx: documents of other tools.

use std::fmt;

use serde::{Serialize, Serializer};

/// A stable code such as `SH0101`, with a short title.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Code {
    id: &'static str,
    title: &'static str,
}

impl Code {
    /// The code itself, e.g. `SH0101`.
    #[must_use]
    pub fn id(self) -> &'static str {
        self.id
    }

    /// A short title, e.g. `unknown key`.
    #[must_use]
    pub fn title(self) -> &'static str {
        self.title
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id)
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id)
    }
}

macro_rules! codes {
    ($($name:ident $id:literal $title:literal;)*) => {
        $(
            #[doc = $title]
            pub const $name: Code = Code { id: $id, title: $title };
        )*
        /// Every code there is, in order.
        pub const ALL: &[Code] = &[$($name),*];
    };
}

codes! {
    // Charts.
    SYNTAX "SH0101" "the text is not valid YAML or JSON";
    DUPLICATE_KEY "SH0102" "a key stands twice in one mapping";
    UNKNOWN_KEY "SH0103" "unknown key";
    MISSING_KEY "SH0104" "a required key is missing";
    WRONG_TYPE "SH0105" "a value has the wrong type";
    BAD_VALUE "SH0106" "a value is not one of those allowed";
    NOT_SUPPORTED_YET "SH0107" "not supported yet";
    BAD_NAME "SH0108" "a name is not usable";
    UNKNOWN_STATE "SH0109" "a target names no state";
    UNKNOWN_EFFECT "SH0110" "an effect is not declared";
    UNKNOWN_GUARD "SH0111" "a guard is not declared";
    BAD_EXPRESSION "SH0112" "an expression does not compile";
    UNKNOWN_NAME "SH0113" "an expression uses a name that is not there";
    TYPE_MISTAKE "SH0114" "an expression has a type mistake";
    BAD_STRUCTURE "SH0115" "a state has children or transitions its kind does not allow";
    BAD_DURATION "SH0116" "a duration is not readable";
    RESERVED_NAME "SH0117" "a name is reserved";
    LIMIT "SH0118" "a limit of the chart format is exceeded";
    YAML_TRAP "SH0119" "YAML reads this text differently than it looks";
    UNREACHABLE "SH0120" "a state can never be reached";
    UNKNOWN_FIELD "SH0121" "a field is not declared in the context";
    UNSAFE_URL "SH0122" "the address of an effect must begin with a named destination";
    UNUSED "SH0123" "a definition is never used";
    FORMAT_VERSION "SH0124" "the format version is not known";
    TARGETS_CONFLICT "SH0125" "targets cannot be active together";
    ALWAYS_LOOP "SH0126" "eventless transitions form a loop";
    SHADOWED "SH0127" "a transition can never be taken";
    CROSSES_REGIONS "SH0128" "a transition leads from one region into another";
    RESETS_REGIONS "SH0129" "a transition begins other regions anew";
    SENSITIVE_LEAK "SH0130" "a sensitive value goes where it is not masked";
    BAD_CRON "SH0131" "a cron pattern is not readable, or never comes";
    UNKNOWN_ZONE "SH0132" "a time zone is not known";
    DEAD_END "SH0136" "a state can never be left";
    OVERLAP "SH0137" "two guards can both hold";
    CONSTANT "SH0138" "a condition always has the same answer";
    NEVER_HAPPENS "SH0139" "an event can never happen";

    // Events and entities.
    NO_TRANSITION "SH0201" "the event is not accepted in this state";
    GUARD_FAILED "SH0202" "a guard refused the event";
    FORBIDDEN "SH0203" "the actor may not fire this event";
    CONFLICT "SH0204" "others kept changing the entity";
    STALE_REVISION "SH0205" "the entity has moved on since the caller read it";
    UNKNOWN_EVENT "SH0206" "the machine knows no such event";
    UNKNOWN_ENTITY "SH0207" "there is no such entity";
    UNKNOWN_MACHINE "SH0208" "there is no such machine";
    INVALID_INPUT "SH0209" "the input does not fit its schema";
    GUARD_ERROR "SH0210" "a guard could not be evaluated";
    STEP_ERROR "SH0211" "the step failed and changed nothing";
    EVENT_ID_REUSED "SH0212" "the event id was used for another event";
    ENTITY_EXISTS "SH0213" "the entity exists already";
    BAD_ID "SH0214" "an id is not usable";
    OUTCOME_UNKNOWN "SH0215" "it is not known whether the event was stored";
    UNAVAILABLE "SH0216" "the store is not available";
    MICROSTEP_LIMIT "SH0217" "the step took too many microsteps";
    CONTEXT_INVALID "SH0218" "the context after the step would not fit its schema";
    VERSION_MISSING "SH0219" "the chart version of the entity is not loaded";
    DEFERRED_FULL "SH0220" "too much waits for the state to change";
    INVARIANT_BROKEN "SH0221" "an invariant would not hold after the step";

    // Effects.
    UNKNOWN_EFFECT_ID "SH0301" "there is no such effect";
    NOT_DEAD "SH0302" "the effect is not a dead letter";
    REASON_MISSING "SH0303" "a reason is required";
    INVOKE_LEFT "SH0304" "the state that waited for this effect was left";

    // HTTP and configuration.
    MALFORMED_BODY "SH0401" "the body is not the JSON expected";
    BODY_TOO_LARGE "SH0402" "the body is over the limit";
    UNKNOWN_ROUTE "SH0403" "there is no such address";
    BAD_ACTOR "SH0404" "the actor header is not readable";
    BAD_HEADER "SH0405" "a header is not readable";
    BAD_QUERY "SH0406" "a query parameter is not readable";
    METHOD_NOT_ALLOWED "SH0407" "the address does not take this method";
    TIMED_OUT "SH0408" "the request took too long";
    INTERNAL "SH0409" "a fault of Statehold itself";
    NO_KEYS "SH0410" "an open server must listen on loopback only";
    PORT_IN_USE "SH0411" "the address to listen on is taken";
    BAD_CONFIG "SH0412" "the configuration is not usable";
    VERSION_TAKEN "SH0413" "the machine version exists with another content";
    DESTINATION_MISSING "SH0414" "a destination of the chart has no address";
    NOT_LOOPBACK_HOST "SH0415" "the Host header names another machine";
    CROSS_SITE "SH0416" "a browser sent the request for another site";
    NOT_AUTHENTICATED "SH0417" "the request does not prove who sends it";

    // Stores.
    STORE_UNUSABLE "SH0501" "the store cannot be used";
    STORE_FAILED "SH0502" "the store failed";
    DATABASE_TOO_OLD "SH0503" "the database server is too old";
    DATABASE_NOT_DURABLE "SH0504" "the database server may forget what it acknowledged";
    DATABASE_READ_ONLY "SH0505" "the database takes no writes";
    DATABASE_ENCODING "SH0506" "the database cannot store all text";
    DATABASE_NEWER "SH0507" "the schema belongs to a newer release";
    DATABASE_RIGHTS "SH0508" "the database role lacks rights";
    DATABASE_LOGIN "SH0509" "the database server does not let the store in";
    DATABASE_ENCRYPTION "SH0510" "the connection to the database cannot be encrypted";
    DATABASE_ISOLATION "SH0511" "the database isolates transactions in another way";
    DATABASE_FOREIGN "SH0512" "the schema was not made by a release";

    // Mocks.
    BAD_MOCK "SH0601" "a mock file is not usable";
    UNKNOWN_MOCK_ROUTE "SH0602" "the mock has no such route";

    // Documents of other tools.
    NOT_IMPORTABLE "SH0701" "the document cannot become a chart";
    IMPORT_LOSS "SH0702" "something of the document does not survive the import";

    // Scenarios.
    BAD_SCENARIO "SH0801" "a scenario file is not usable";
    SCENARIO_FAILED "SH0802" "a scenario does not hold";
}
