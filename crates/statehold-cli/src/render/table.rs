//! Tables: a line under the header on a terminal, plain aligned columns for everybody else.

use std::io::IsTerminal;

use comfy_table::{Attribute, Cell, ContentArrangement, LineStyle, Table, TableStyle};

use super::style::clean;

/// A line under the header, nothing else.
const UNDERLINED: TableStyle =
    TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));

/// A table with these columns.
pub(crate) fn table<const N: usize>(header: [&str; N], rows: Vec<[String; N]>) -> String {
    let on_terminal = std::io::stdout().is_terminal();
    let (style, arrangement) = if on_terminal {
        (UNDERLINED, ContentArrangement::Dynamic)
    } else {
        (TableStyle::new(), ContentArrangement::Disabled)
    };
    let mut table = Table::new();
    table.load_style(style);
    table.set_content_arrangement(arrangement);
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
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    table.trim_fmt()
}
