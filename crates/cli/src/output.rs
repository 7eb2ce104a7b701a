//! How results are told: a table for people, one JSON object for programs.

use std::io::{self, Write};
use std::process::ExitCode;

use serde_json::Value;

/// The result of a command, in both forms.
#[derive(Debug)]
pub(crate) struct Reply {
    json: Value,
    text: String,
    failed: bool,
}

impl Reply {
    /// One thing, its fields in the order given; a field without a value is left out for people.
    pub(crate) fn record(json: Value, fields: &[(&str, Option<String>)]) -> Self {
        let present: Vec<(&str, &str)> = fields
            .iter()
            .filter_map(|(name, value)| Some((*name, value.as_deref()?)))
            .collect();
        let width = present
            .iter()
            .map(|(name, _)| name.chars().count())
            .max()
            .unwrap_or(0);
        let mut text = String::new();
        for (name, value) in present {
            push_padded(&mut text, name, width + 2);
            text.push_str(&printable(value));
            text.push('\n');
        }
        Self {
            json,
            text,
            failed: false,
        }
    }

    /// Many things, one line each below a line of headings.
    pub(crate) fn table(json: Value, headings: &[&str], rows: &[Vec<String>]) -> Self {
        let rows: Vec<Vec<String>> = rows
            .iter()
            .map(|row| row.iter().map(|cell| printable(cell)).collect())
            .collect();
        let width = |column: usize| {
            let cells = rows
                .iter()
                .filter_map(|row| row.get(column))
                .map(|cell| cell.chars().count());
            cells
                .chain(headings.get(column).map(|name| name.len()))
                .max()
                .unwrap_or(0)
        };
        let widths: Vec<usize> = (0..headings.len()).map(width).collect();
        let mut text = String::new();
        let headings: Vec<String> = headings.iter().map(|name| name.to_uppercase()).collect();
        for row in std::iter::once(&headings).chain(&rows) {
            let mut line = String::new();
            for (cell, width) in row.iter().zip(&widths) {
                push_padded(&mut line, cell, width + 2);
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
        if rows.is_empty() {
            "nothing yet\n".clone_into(&mut text);
        }
        Self {
            json,
            text,
            failed: false,
        }
    }

    /// Text as it is.
    pub(crate) fn text(json: Value, text: impl Into<String>) -> Self {
        Self {
            json,
            text: text.into(),
            failed: false,
        }
    }

    /// Nothing to say: the command has spoken through the log.
    pub(crate) fn silent() -> Self {
        Self::text(Value::Null, "")
    }

    /// Adds a line for people only.
    #[must_use]
    pub(crate) fn note(mut self, line: &str) -> Self {
        self.text.push_str(line);
        self.text.push('\n');
        self
    }

    /// Says how to see the rest of a list, if there is one.
    #[must_use]
    pub(crate) fn more(self, next_cursor: Option<&String>) -> Self {
        match next_cursor {
            Some(cursor) => self.note(&format!("more: --cursor {cursor}")),
            None => self,
        }
    }

    /// The command did what it should, and what it found is bad.
    #[must_use]
    pub(crate) fn failed(mut self) -> Self {
        self.failed = true;
        self
    }

    /// The exit code that fits.
    pub(crate) fn exit_code(&self) -> ExitCode {
        if self.failed {
            ExitCode::FAILURE
        } else {
            ExitCode::SUCCESS
        }
    }

    /// Writes the result to standard output. A reader that has gone away is no error.
    pub(crate) fn print(&self, json: bool) -> io::Result<()> {
        let mut stdout = io::stdout().lock();
        let written = match (json, &self.json) {
            (true, Value::Null) => Ok(()),
            (true, value) => writeln!(stdout, "{value}"),
            (false, _) => write!(stdout, "{}", self.text),
        };
        match written.and_then(|()| stdout.flush()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            other => other,
        }
    }
}

fn push_padded(text: &mut String, cell: &str, width: usize) {
    text.push_str(cell);
    text.extend(std::iter::repeat_n(
        ' ',
        width.saturating_sub(cell.chars().count()),
    ));
}

/// Stored text as a terminal may show it: without control characters, which could move its cursor or colours.
fn printable(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_and_control_characters_do_not_reach_the_terminal() {
        let rows = vec![
            vec!["acme".to_owned(), "Ac\x1b[31mme".to_owned()],
            vec!["a-longer-slug".to_owned(), "B".to_owned()],
        ];
        let reply = Reply::table(Value::Null, &["slug", "name"], &rows);
        assert_eq!(
            reply.text,
            "SLUG           NAME\nacme           Ac\u{fffd}[31mme\na-longer-slug  B\n"
        );
    }

    #[test]
    fn fields_without_a_value_are_left_out() {
        let fields = [
            ("id", Some("x".to_owned())),
            ("secret", None),
            ("name", Some("y".to_owned())),
        ];
        assert_eq!(Reply::record(Value::Null, &fields).text, "id    x\nname  y\n");
    }
}
