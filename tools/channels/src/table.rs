//! Columns for people. Pure; knows nothing of what is in them.

use std::fmt;

use common::{secret, terminal};

/// The widest cell; longer texts (not the last of a row) are cut.
const WIDEST: usize = 60;

/// Rows of cells, set one under the other.
#[derive(Debug, Default)]
pub(crate) struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    /// Begins a table with its headings.
    pub(crate) fn new<S: Into<String>>(headings: impl IntoIterator<Item = S>) -> Self {
        let mut table = Self::default();
        table.row(headings.into_iter().map(Into::into));
        table
    }

    /// Adds a row. What others wrote is made safe here, once for all.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        let safe = |cell: String| terminal::safe_line(&secret::redact(&cell), 300);
        self.rows.push(cells.into_iter().map(safe).collect());
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let width = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0).min(WIDEST)
        };
        let widths: Vec<usize> = (0..columns).map(width).collect();
        for row in &self.rows {
            let mut line = String::new();
            for (cell, width) in row.iter().zip(&widths) {
                line.push_str(&format!("{cell:<width$}  "));
            }
            writeln!(f, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_and_nothing_trails() {
        let mut table = Table::new(["CHANNEL", "STATE", "WHERE"]);
        table.row(["a".into(), "published".into(), String::new()]);
        table.row(["längst".into(), "x".into(), "u\u{1b}[31m".into()]);
        assert_eq!(
            table.to_string(),
            "CHANNEL  STATE      WHERE\na        published\nlängst   x          u\\u{1b}[31m\n"
        );
    }
}
