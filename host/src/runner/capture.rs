//! What is kept and passed on of a program's output.

use super::process::{Overflow, Stream};

/// A longer line is passed on cut: a program that never ends a line must not fill the memory.
/// Whoever gets a line of this length has to reckon with half a secret at its end.
pub(super) const LINE_CAP: usize = 64 * 1024;

/// One output stream: split into lines for the sink, kept up to a cap.
pub(super) struct Capture {
    stream: Stream,
    kept: Vec<u8>,
    cap: usize,
    overflow: Overflow,
    truncated: bool,
    line: Vec<u8>,
    /// The rest of a line whose beginning was already passed on.
    skipping: bool,
}

/// Receives each line without its end.
pub(super) type Sink<'a> = dyn FnMut(Stream, &str) + 'a;

impl Capture {
    pub(super) fn new(stream: Stream, cap: usize, overflow: Overflow) -> Self {
        Self {
            stream,
            kept: Vec::new(),
            cap,
            overflow,
            truncated: false,
            line: Vec::new(),
            skipping: false,
        }
    }

    /// Takes the next bytes, wherever a read may have cut them: lines are passed on whole, so that a secret
    /// is seen whole. False when that is more than may be kept and the program has to go.
    pub(super) fn feed(&mut self, bytes: &[u8], sink: Option<&mut Sink<'_>>) -> bool {
        if let Some(sink) = sink {
            self.split(bytes, sink);
        }
        match self.overflow {
            Overflow::Kill => {
                let room = self.cap.saturating_sub(self.kept.len());
                self.kept.extend(bytes.iter().take(room));
                self.truncated |= bytes.len() > room;
                !self.truncated
            }
            Overflow::KeepEnd => {
                self.kept.extend_from_slice(bytes);
                // Twice the cap, so that the copying is paid once per cap and not once per read.
                if self.kept.len() > self.cap.saturating_mul(2) {
                    self.keep_end();
                }
                true
            }
        }
    }

    fn keep_end(&mut self) {
        let surplus = self.kept.len().saturating_sub(self.cap);
        if surplus > 0 {
            self.kept.drain(..surplus);
            self.truncated = true;
        }
    }

    fn split(&mut self, bytes: &[u8], sink: &mut Sink<'_>) {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            let (content, complete) = match part.split_last() {
                Some((b'\n', content)) => (content, true),
                _ => (part, false),
            };
            let room = LINE_CAP.saturating_sub(self.line.len());
            if !self.skipping {
                self.line.extend(content.iter().take(room));
                if content.len() > room {
                    self.pass_on(sink);
                    self.skipping = true;
                }
            }
            if complete {
                if !self.skipping {
                    self.pass_on(sink);
                }
                self.skipping = false;
            }
        }
    }

    fn pass_on(&mut self, sink: &mut Sink<'_>) {
        let line = self.line.strip_suffix(b"\r").unwrap_or(&self.line);
        sink(self.stream, &String::from_utf8_lossy(line));
        self.line.clear();
    }

    /// The end of the stream: the last line may lack its end. Returns the text and whether it is cut.
    pub(super) fn finish(mut self, sink: Option<&mut Sink<'_>>) -> (String, bool) {
        if let Some(sink) = sink
            && !self.line.is_empty()
        {
            self.pass_on(sink);
        }
        if self.overflow == Overflow::KeepEnd {
            self.keep_end();
        }
        (String::from_utf8_lossy(&self.kept).into_owned(), self.truncated)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines_of(chunks: &[&[u8]]) -> Vec<String> {
        let mut lines = Vec::new();
        let mut sink = |_: Stream, line: &str| lines.push(line.to_owned());
        let mut capture = Capture::new(Stream::Stdout, 1 << 20, Overflow::Kill);
        for chunk in chunks {
            assert!(capture.feed(chunk, Some(&mut sink)));
        }
        capture.finish(Some(&mut sink));
        lines
    }

    #[test]
    fn lines_survive_being_cut_anywhere_and_lacking_an_end() {
        assert_eq!(lines_of(&[b"a", b"b\nc\r", b"\n\n", b"d"]), ["ab", "c", "", "d"]);
    }

    #[test]
    fn a_character_cut_in_half_by_a_read_is_whole_in_the_line() {
        let umlaut = "ü\n".as_bytes();
        assert_eq!(lines_of(&[&umlaut[..1], &umlaut[1..]]), ["ü"]);
    }

    #[test]
    fn bytes_that_are_not_utf8_become_replacement_characters() {
        assert_eq!(lines_of(&[b"\xff\xfeok\n"]), ["\u{fffd}\u{fffd}ok"]);
    }

    #[test]
    fn a_line_without_end_is_cut_and_the_next_one_is_whole() {
        let long = vec![b'x'; LINE_CAP * 3];
        let lines = lines_of(&[&long, b"tail\nnext\n"]);
        assert_eq!(lines.len(), 2);
        assert_eq!(lines[0].len(), LINE_CAP);
        assert_eq!(lines[1], "next");
    }

    #[test]
    fn the_cap_is_exact_and_reported() {
        let mut capture = Capture::new(Stream::Stdout, 4, Overflow::Kill);
        assert!(capture.feed(b"1234", None));
        assert!(!capture.feed(b"5", None));
        assert_eq!(capture.finish(None), ("1234".to_owned(), true));
    }

    #[test]
    fn the_end_is_kept_where_the_program_must_not_be_killed() {
        let mut capture = Capture::new(Stream::Stdout, 4, Overflow::KeepEnd);
        for byte in b"0123456789abcdef" {
            assert!(capture.feed(&[*byte], None));
        }
        assert_eq!(capture.finish(None), ("cdef".to_owned(), true));
    }
}
