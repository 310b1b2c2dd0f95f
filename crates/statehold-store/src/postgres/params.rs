//! Parameters of statements, each with its type, so that a statement can be sent without asking the server first.

use std::error::Error;

use bytes::BytesMut;
use jiff::Timestamp;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

/// One parameter and its type.
pub(super) struct Param<'a> {
    pub(super) value: Box<dyn ToSql + Send + Sync + 'a>,
    pub(super) ty: Type,
}

/// Lists parameters with their types.
macro_rules! params {
    ($($value:expr),* $(,)?) => {
        [$($crate::postgres::params::param($value)),*]
    };
}

pub(super) use params;

/// A value whose type in SQL is known.
pub(super) trait Bind: ToSql + Send + Sync {
    const TYPE: Type;
}

pub(super) fn param<'a, T: Bind + 'a>(value: T) -> Param<'a> {
    Param {
        value: Box::new(value),
        ty: T::TYPE,
    }
}

macro_rules! bind {
    ($($rust:ty => $single:ident, $array:ident;)*) => {$(
        impl Bind for $rust {
            const TYPE: Type = Type::$single;
        }

        impl Bind for Option<$rust> {
            const TYPE: Type = Type::$single;
        }

        impl Bind for Vec<$rust> {
            const TYPE: Type = Type::$array;
        }

        impl Bind for Option<Vec<$rust>> {
            const TYPE: Type = Type::$array;
        }

        impl Bind for Vec<Option<$rust>> {
            const TYPE: Type = Type::$array;
        }
    )*};
}

bind! {
    &str => TEXT, TEXT_ARRAY;
    i64 => INT8, INT8_ARRAY;
    i32 => INT4, INT4_ARRAY;
    bool => BOOL, BOOL_ARRAY;
    Micros => TIMESTAMPTZ, TIMESTAMPTZ_ARRAY;
}

/// Microseconds from 1970 to 2000, where PostgreSQL begins to count.
const EPOCH_MICROS: i64 = 946_684_800_000_000;

/// An instant as PostgreSQL keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Micros(pub(super) Timestamp);

impl ToSql for Micros {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        // The calendar of a Timestamp ends far inside 64 bits of microseconds.
        (self.0.as_microsecond() - EPOCH_MICROS).to_sql(ty, out)
    }

    fn accepts(ty: &Type) -> bool {
        *ty == Type::TIMESTAMPTZ
    }

    to_sql_checked!();
}

impl<'a> FromSql<'a> for Micros {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        let stored = i64::from_sql(ty, raw)?;
        let micros = stored.checked_add(EPOCH_MICROS);
        let micros = micros.ok_or("an instant outside the calendar")?;
        Ok(Self(Timestamp::from_microsecond(micros)?))
    }

    fn accepts(ty: &Type) -> bool {
        *ty == Type::TIMESTAMPTZ
    }
}

/// A number as PostgreSQL keeps it. What does not fit is larger than any stored number, so comparisons stay right;
/// numbers that are written were checked before.
pub(super) fn int(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
