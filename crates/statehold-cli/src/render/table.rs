//! Tables: a line under the header on a terminal, plain aligned columns for everybody else.

use std::io::IsTerminal;

use comfy_table::{
    Attribute, Cell, ColumnConstraint, ContentArrangement, LineStyle, Table, TableStyle, Width,
};

use super::style::clean;

/// A line under the header, nothing else.
const UNDERLINED: TableStyle =
    TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));

/// Columns that a terminal must have for long texts to be wrapped; some say 0 when they do not know.
const WIDTH_MIN: u16 = 60;

/// Columns that the last column keeps, whether the table then fits or not.
const LAST_WIDTH_MIN: u16 = 24;

/// A table with these columns. On a terminal the last one is wrapped if it does not fit; ids never are.
pub(crate) fn table<const N: usize>(header: [&str; N], rows: Vec<[String; N]>) -> String {
    let on_terminal = std::io::stdout().is_terminal();
    let mut table = Table::new();
    let wraps = on_terminal && table.width().is_some_and(|width| width >= WIDTH_MIN);
    table.load_style(if on_terminal {
        UNDERLINED
    } else {
        TableStyle::new()
    });
    table.set_content_arrangement(if wraps {
        ContentArrangement::Dynamic
    } else {
        ContentArrangement::Disabled
    });
    table.set_header(header.map(|name| {
        let cell = Cell::new(name.to_uppercase());
        if on_terminal {
            cell.add_attribute(Attribute::Bold)
        } else {
            cell
        }
    }));
    for row in rows {
        // One row is one line for whoever reads it with other tools.
        table.add_row(row.map(|text| clean(&text).replace(['\n', '\t'], " ")));
    }
    for (at, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, 2));
        column.set_constraint(if at + 1 < N {
            ColumnConstraint::ContentWidth
        } else {
            ColumnConstraint::LowerBoundary(Width::Fixed(LAST_WIDTH_MIN))
        });
    }
    table.trim_fmt()
}
