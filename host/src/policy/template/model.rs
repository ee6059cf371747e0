//! What the host understood of a template: plain values only. Both emitters write from this, so what
//! the host understood is what runs.

use crate::contract::PackerPlugin;

/// A template without anything left to evaluate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Model {
    /// `required_plugins`; empty for a Packer that does not know the block.
    pub plugins: Vec<PackerPlugin>,
    /// Sensitive variables whose values Packer gets through its environment.
    pub secrets: Vec<String>,
    /// For example `amazon-ebs`.
    pub builder: String,
    /// Label of the source, for example `sindri`.
    pub label: String,
    /// Attributes and nested blocks of the source, the host's own included.
    pub source: Body,
    /// In the order in which they run.
    pub provisioners: Vec<Block>,
    /// After the build.
    pub post_processors: Vec<Block>,
}

/// Attributes and nested blocks, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Body {
    /// Names are unique.
    pub attributes: Vec<(String, Value)>,
    /// Names repeat where the builder allows it.
    pub blocks: Vec<Block>,
}

/// A block: a nested one (its name), a provisioner or a post-processor (its type).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Name or type.
    pub name: String,
    /// Inside.
    pub body: Body,
}

/// A value of an attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// `true` or `false`.
    Bool(bool),
    /// A whole number; builders want no others.
    Integer(i64),
    /// This text, whatever it looks like to HCL or Go. Packer may render it any number of times.
    Text(String),
    /// Exactly this text, where Packer renders exactly once.
    RenderedOnce(String),
    /// A list.
    List(Vec<Value>),
    /// A map; the keys hold no template characters.
    Map(Vec<(String, Value)>),
    /// A file of the bundle.
    Path(String),
    /// One of the host's own Go templates, the only live ones in the output.
    GoTemplate(&'static str),
    /// `NAME=value` of a shell step, the value in a sensitive variable.
    SecretAssignment {
        /// Name of the environment variable.
        name: String,
        /// Name of the Packer variable.
        variable: String,
    },
}

impl Body {
    /// The value of an attribute.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.attributes
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value)
    }

    /// The text of an attribute.
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.get(name) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// Sets an attribute, in its place if there is one already: the host's word counts.
    pub fn set(&mut self, name: &str, value: Value) {
        match self.attributes.iter_mut().find(|(known, _)| known == name) {
            Some((_, old)) => *old = value,
            None => self.attributes.push((name.to_owned(), value)),
        }
    }
}

impl Block {
    /// A block of these attributes.
    pub fn new<const N: usize>(name: &str, attributes: [(&str, Value); N]) -> Self {
        let attributes = attributes
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        Self {
            name: name.to_owned(),
            body: Body {
                attributes,
                blocks: Vec::new(),
            },
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl FromIterator<String> for Value {
    fn from_iter<I: IntoIterator<Item = String>>(texts: I) -> Self {
        Self::List(texts.into_iter().map(Value::Text).collect())
    }
}
