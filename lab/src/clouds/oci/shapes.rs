//! The shapes that instances have.

use serde_json::{Value, json};

/// A shape. Sizes are those of Oracle's list of shapes.
#[derive(Debug)]
pub(super) struct Shape {
    pub(super) name: &'static str,
    pub(super) arm: bool,
    pub(super) size: Size,
}

/// OCPUs and GB of memory.
#[derive(Clone, Copy, Debug)]
pub(super) enum Size {
    Fixed(f64, f64),
    /// The most of each; at least one of each, and 64 GB for an OCPU at most.
    Flexible(f64, f64),
}

const MOST_PER_OCPU: f64 = 64.0;

pub(super) static SHAPES: [Shape; 9] = [
    shape("VM.Standard.E4.Flex", false, Size::Flexible(114.0, 1760.0)),
    shape("VM.Standard.E5.Flex", false, Size::Flexible(126.0, 1454.0)),
    shape("VM.Standard3.Flex", false, Size::Flexible(56.0, 896.0)),
    shape("VM.Standard.A1.Flex", true, Size::Flexible(80.0, 512.0)),
    shape("VM.Standard.A2.Flex", true, Size::Flexible(78.0, 946.0)),
    shape("VM.Standard2.1", false, Size::Fixed(1.0, 15.0)),
    shape("VM.Standard2.2", false, Size::Fixed(2.0, 30.0)),
    shape("VM.Standard2.4", false, Size::Fixed(4.0, 60.0)),
    shape("VM.Standard.E2.1.Micro", false, Size::Fixed(1.0, 1.0)),
];

const fn shape(name: &'static str, arm: bool, size: Size) -> Shape {
    Shape { name, arm, size }
}

pub(super) fn by_name(name: &str) -> Option<&'static Shape> {
    SHAPES.iter().find(|shape| shape.name == name)
}

impl Shape {
    /// As the API describes it.
    pub(super) fn document(&self) -> Value {
        let processor = if self.arm {
            "3.0 GHz Ampere Altra"
        } else {
            "2.55 GHz AMD EPYC 7J13"
        };
        match self.size {
            Size::Fixed(ocpus, memory) => json!({
                "shape": self.name, "processorDescription": processor, "ocpus": ocpus, "memoryInGBs": memory,
                "isFlexible": false, "ocpuOptions": null, "memoryOptions": null,
            }),
            Size::Flexible(ocpus, memory) => json!({
                "shape": self.name, "processorDescription": processor, "ocpus": 1.0, "memoryInGBs": 16.0,
                "isFlexible": true, "ocpuOptions": {"min": 1.0, "max": ocpus},
                "memoryOptions": {
                    "minInGBs": 1.0, "maxInGBs": memory, "defaultPerOcpuInGBs": 16.0, "minPerOcpuInGBs": 1.0,
                    "maxPerOcpuInGBs": MOST_PER_OCPU,
                },
            }),
        }
    }

    /// OCPUs and GB of an instance with this `shapeConfig`.
    ///
    /// # Errors
    /// What does not fit.
    pub(super) fn size_of(&self, config: Option<&Value>) -> Result<(f64, f64), String> {
        let number = |field: &str| {
            config
                .and_then(|config| config.get(field))
                .and_then(Value::as_f64)
        };
        match (self.size, config) {
            (Size::Fixed(ocpus, memory), None) => Ok((ocpus, memory)),
            (Size::Fixed(..), Some(_)) => Err(format!("shape {} has no configuration", self.name)),
            (Size::Flexible(most, most_memory), _) => {
                let ocpus = number("ocpus").ok_or(format!("shape {} needs a number of ocpus", self.name))?;
                let memory = number("memoryInGBs").unwrap_or(ocpus * 16.0);
                if !(1.0..=most).contains(&ocpus) {
                    return Err(format!("{ocpus} OCPUs are not between 1 and {most}"));
                }
                let bounds = ocpus.max(1.0)..=most_memory.min(ocpus * MOST_PER_OCPU);
                if !bounds.contains(&memory) {
                    return Err(format!("{memory} GB of memory do not fit {ocpus} OCPUs"));
                }
                Ok((ocpus, memory))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flexible_shape_needs_a_size_and_a_fixed_one_has_none() {
        let of = |name: &str, config: Option<Value>| by_name(name).unwrap().size_of(config.as_ref());
        assert_eq!(of("VM.Standard2.2", None), Ok((2.0, 30.0)));
        assert_eq!(
            of(
                "VM.Standard.E4.Flex",
                Some(json!({"ocpus": 2, "memoryInGBs": 16}))
            ),
            Ok((2.0, 16.0))
        );
        assert_eq!(
            of("VM.Standard.E4.Flex", Some(json!({"ocpus": 2}))),
            Ok((2.0, 32.0))
        );
        for (name, config) in [
            ("VM.Standard2.2", Some(json!({"ocpus": 2}))),
            ("VM.Standard.E4.Flex", None),
            ("VM.Standard.E4.Flex", Some(json!({"memoryInGBs": 16}))),
            ("VM.Standard.E4.Flex", Some(json!({"ocpus": 200}))),
            (
                "VM.Standard.E4.Flex",
                Some(json!({"ocpus": 1, "memoryInGBs": 65})),
            ),
            ("VM.Standard.E4.Flex", Some(json!({"ocpus": 4, "memoryInGBs": 2}))),
        ] {
            assert!(of(name, config.clone()).is_err(), "{name} {config:?}");
        }
    }
}
