//! Reduces an expression to its value, the way Packer would, for the few expressions that need nothing
//! from outside of the template. Everything else is refused.
//!
//! Strings here are still in Go's template language; `check` renders them where they are used, so that
//! a `{{` assembled from harmless parts is seen too.

use std::collections::BTreeMap;

use hcl_edit::expr::{Expression, FuncCall, Object, ObjectKey, Traversal, TraversalOperator};
use hcl_edit::template::{Element, StringTemplate, Strip};
use time::OffsetDateTime;

use super::finding::Finding;
use super::functions;
use super::parse::Lines;
use crate::Code;

/// Bytes of one string.
pub(super) const MAX_STRING: usize = 64 * 1024;
/// Bytes and elements that all expressions together may produce: `local.a` doubled in `local.b` doubled
/// in `local.c` is a bomb otherwise.
const MAX_FOLDED: usize = 4 * 1024 * 1024;

/// Local values that are declared after their use, one behind the other. Each is a level of recursion.
const MAX_CHAIN: usize = 32;

/// A value of HCL.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Folded {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number. Others are refused: no builder wants one, and parsers round them differently.
    Integer(i64),
    /// A string in Go's template language.
    Text(String),
    /// A tuple or list.
    List(Vec<Folded>),
    /// An object or map; keys are unique.
    Map(Vec<(String, Folded)>),
}

impl Folded {
    /// For messages.
    pub(super) fn type_name(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Integer(_) => "a number",
            Self::Text(_) => "a string",
            Self::List(_) => "a list",
            Self::Map(_) => "a map",
        }
    }

    /// The string, if it is one.
    pub(super) fn as_text(&self) -> Option<&str> {
        if let Self::Text(text) = self {
            Some(text)
        } else {
            None
        }
    }

    /// What it adds to a text; none for what Packer cannot put into one.
    pub(super) fn to_text(&self) -> Option<String> {
        match self {
            Self::Bool(value) => Some(value.to_string()),
            Self::Integer(number) => Some(number.to_string()),
            Self::Text(text) => Some(text.clone()),
            Self::Null | Self::List(_) | Self::Map(_) => None,
        }
    }

    fn weight(&self) -> usize {
        match self {
            Self::Null | Self::Bool(_) | Self::Integer(_) => 1,
            Self::Text(text) => 1 + text.len(),
            Self::List(items) => items.iter().map(Self::weight).fold(1, usize::saturating_add),
            Self::Map(items) => items
                .iter()
                .map(|(key, value)| key.len() + value.weight())
                .fold(1, usize::saturating_add),
        }
    }
}

/// What expressions may refer to.
pub(super) struct Scope<'a> {
    /// `var.NAME`.
    pub(super) variables: BTreeMap<String, Folded>,
    /// `local.NAME`.
    pub(super) locals: BTreeMap<String, Folded>,
    /// Local values that are not folded yet, and their lines.
    pub(super) pending: BTreeMap<String, (&'a Expression, usize)>,
    /// The time of the run: the same for every use, as in Packer.
    pub(super) now: OffsetDateTime,
    /// Defaults of variables are constants.
    pub(super) calls_allowed: bool,
    /// Variables without a default get their values from somebody else.
    pub(super) open: bool,
    /// `source.type` and `source.name`, once the source is read.
    pub(super) source: Option<(String, String)>,
    /// `packer.version`, where it is known.
    pub(super) packer: Option<String>,
    lines: &'a Lines,
    produced: usize,
    /// Local values that wait for others.
    depth: usize,
}

impl<'a> Scope<'a> {
    /// An empty scope.
    pub(super) fn new(lines: &'a Lines, now: OffsetDateTime) -> Self {
        Self {
            variables: BTreeMap::new(),
            locals: BTreeMap::new(),
            pending: BTreeMap::new(),
            depth: 0,
            now,
            calls_allowed: true,
            open: false,
            source: None,
            packer: None,
            lines,
            produced: 0,
        }
    }

    /// The value of an expression. `line` is that of the attribute, for what has no place of its own.
    pub(super) fn fold(&mut self, expression: &Expression, line: usize) -> Result<Folded, Finding> {
        let line = self.lines.of(expression).unwrap_or(line);
        let value = match expression {
            Expression::Null(_) => Folded::Null,
            Expression::Bool(value) => Folded::Bool(**value),
            Expression::Number(number) => match number.value().as_i64() {
                Some(whole) => Folded::Integer(whole),
                None => return Err(refused(line, "a number that is not a whole one")),
            },
            Expression::String(text) => Folded::Text(text.to_string()),
            Expression::StringTemplate(template) => return self.template(template, line),
            Expression::Parenthesis(parenthesis) => return self.fold(parenthesis.inner(), line),
            Expression::Array(array) => {
                let items = array.iter().map(|item| self.fold(item, line));
                Folded::List(items.collect::<Result<_, _>>()?)
            }
            Expression::Object(object) => self.object(object, line)?,
            Expression::Traversal(traversal) => self.reference(traversal, line)?,
            Expression::FuncCall(call) => self.call(call, line)?,
            // Never the bare value of an interpolation: it ends with a line break.
            Expression::HeredocTemplate(heredoc) => self.text(heredoc.template.iter(), line)?,
            Expression::Variable(name) => {
                return Err(refused(line, &format!("the name `{}`", name.as_str())));
            }
            Expression::Conditional(_) => return Err(refused(line, "a conditional")),
            Expression::UnaryOp(_) | Expression::BinaryOp(_) => return Err(refused(line, "an operator")),
            Expression::ForExpr(_) => return Err(refused(line, "a `for` expression")),
        };
        self.produce(value, line)
    }

    /// Counts what folding made.
    fn produce(&mut self, value: Folded, line: usize) -> Result<Folded, Finding> {
        if let Folded::Text(text) = &value
            && text.len() > MAX_STRING
        {
            let message = format!("a string has {} bytes, more than {MAX_STRING}", text.len());
            return Err(Finding::new(Code::TemplateLimit, line, "", message));
        }
        // Containers count their contents once more; that is at most the nesting times too much.
        self.produced = self.produced.saturating_add(value.weight());
        if self.produced > MAX_FOLDED {
            let message = format!("the values of the template have more than {MAX_FOLDED} bytes");
            return Err(Finding::new(Code::TemplateLimit, line, "", message));
        }
        Ok(value)
    }

    fn template(&mut self, template: &StringTemplate, line: usize) -> Result<Folded, Finding> {
        let mut elements = template.iter();
        let only = elements.next().filter(|_| elements.next().is_none());
        if let Some(Element::Interpolation(interpolation)) = only
            && interpolation.strip == Strip::None
        {
            // `"${x}"` alone keeps the type of `x`.
            return self.fold(&interpolation.expr, line);
        }
        let text = self.text(template.iter(), line)?;
        self.produce(text, line)
    }

    fn text<'e>(
        &mut self,
        elements: impl Iterator<Item = &'e Element>,
        line: usize,
    ) -> Result<Folded, Finding> {
        let mut text = String::new();
        for element in elements {
            match element {
                Element::Literal(literal) => text.push_str(literal),
                Element::Directive(_) => return Err(refused(line, "a template directive `%{…}`")),
                Element::Interpolation(interpolation) => {
                    if interpolation.strip != Strip::None {
                        return Err(refused(line, "a strip marker `~`"));
                    }
                    let value = self.fold(&interpolation.expr, line)?;
                    let Some(part) = value.to_text() else {
                        let message = format!("{} cannot be part of a string", value.type_name());
                        return Err(Finding::new(Code::TemplateValue, line, "", message));
                    };
                    text.push_str(&part);
                }
            }
            if text.len() > MAX_STRING {
                break;
            }
        }
        Ok(Folded::Text(text))
    }

    fn object(&mut self, object: &Object, line: usize) -> Result<Folded, Finding> {
        let mut items = Vec::with_capacity(object.len());
        let mut seen = std::collections::BTreeSet::new();
        for (key, value) in object {
            let name = match key {
                ObjectKey::Ident(name) => name.as_str().to_owned(),
                ObjectKey::Expression(Expression::String(text)) => text.to_string(),
                // A name alone parses as an expression in some places; it is the same key to Packer.
                ObjectKey::Expression(Expression::Variable(name)) => name.as_str().to_owned(),
                ObjectKey::Expression(_) => return Err(refused(line, "a computed key")),
            };
            if !seen.insert(name.clone()) {
                let message = format!("the key `{name}` stands twice");
                return Err(Finding::new(Code::TemplateSyntax, line, name, message));
            }
            let value = self.fold(value.expr(), line)?;
            items.push((name, value));
        }
        Ok(Folded::Map(items))
    }

    fn reference(&mut self, traversal: &Traversal, line: usize) -> Result<Folded, Finding> {
        let operators: Vec<_> = traversal
            .operators
            .iter()
            .map(|operator| operator.value())
            .collect();
        let (Expression::Variable(root), [TraversalOperator::GetAttr(name)]) =
            (&traversal.expr, operators.as_slice())
        else {
            return Err(refused(line, "a traversal other than `local.NAME` or `var.NAME`"));
        };
        if let Some(value) = self.of_packer(root.as_str(), name.as_str()) {
            return Ok(value);
        }
        if root.as_str() == "local" {
            self.local(name.as_str())?;
        }
        let (name, known, hint) = match root.as_str() {
            "local" => (
                name.as_str(),
                &self.locals,
                ", or its value needs itself or is not allowed",
            ),
            "var" => (name.as_str(), &self.variables, ""),
            other => return Err(refused(line, &format!("`{other}.{}`", name.as_str()))),
        };
        known.get(name).cloned().ok_or_else(|| {
            let construct = format!("{}.{name}", root.as_str());
            let message = format!("`{construct}` is not declared in this template{hint}");
            Finding::new(Code::TemplateExpression, line, construct, message)
        })
    }

    /// Folds a local value that is still pending.
    pub(super) fn local(&mut self, name: &str) -> Result<(), Finding> {
        // Taken out first: whoever asks for it on the way asks in a circle.
        let Some((expression, line)) = self.pending.remove(name) else {
            return Ok(());
        };
        if self.depth >= MAX_CHAIN {
            let message = format!("more than {MAX_CHAIN} local values wait for each other");
            return Err(
                Finding::new(Code::TemplateLimit, line, format!("local.{name}"), message)
                    .remedy("declare values before their use"),
            );
        }
        self.depth += 1;
        let value = self.fold(expression, line);
        self.depth -= 1;
        self.locals.insert(name.to_owned(), value?);
        Ok(())
    }

    /// What Packer knows of the build that every template may know.
    fn of_packer(&self, root: &str, name: &str) -> Option<Folded> {
        let text = match (root, name) {
            ("source", "type") => self.source.as_ref().map(|(builder, _)| builder),
            ("source", "name") => self.source.as_ref().map(|(_, label)| label),
            ("packer", "version") => self.packer.as_ref(),
            _ => None,
        };
        text.cloned().map(Folded::Text)
    }

    fn call(&mut self, call: &FuncCall, line: usize) -> Result<Folded, Finding> {
        let name = call.name.name.as_str();
        if call.name.is_namespaced() || call.args.expand_final() {
            return Err(refused(line, &format!("this form of calling `{name}`")));
        }
        let Some(function) = functions::find(name).filter(|_| self.calls_allowed) else {
            return Err(refused(line, &format!("the function `{name}`")));
        };
        let arguments = call.args.iter().map(|argument| self.fold(argument, line));
        let arguments = arguments.collect::<Result<Vec<_>, _>>()?;
        function(&arguments, self.now).map_err(|message| {
            Finding::new(
                Code::TemplateExpression,
                line,
                name,
                format!("`{name}`: {message}"),
            )
        })
    }
}

fn refused(line: usize, what: &str) -> Finding {
    Finding::new(Code::TemplateExpression, line, what, format!("{what} is not allowed in a template")).remedy(
        "use literals, `local.NAME`, `var.NAME` and the functions timestamp, formatdate, lower, upper, trimspace, \
         concat, jsonencode and base64encode; compute everything else in the plugin",
    )
}
