//! The macro that defines settings once: field, documentation, default, bounds, reading and reference.

use super::source::Values;

/// Adds the name of a key to the path of its section.
pub(super) fn join(section: &str, name: &str) -> String {
    if section.is_empty() {
        name.to_owned()
    } else {
        format!("{section}.{name}")
    }
}

/// The inclusive limits of a setting, with the comparison its type brings.
#[derive(Debug, Clone)]
pub(super) struct Bounds<T> {
    low: T,
    high: T,
    holds: fn(&T, &T, &T) -> bool,
}

impl<T: PartialOrd> Bounds<T> {
    /// From `low` to `high`, both included.
    pub(super) fn new(low: T, high: T) -> Self {
        Self {
            low,
            high,
            holds: |low, value, high| low <= value && value <= high,
        }
    }
}

impl<T: super::value::Setting> Bounds<T> {
    /// Whether `value` lies inside.
    pub(super) fn contain(&self, value: &T) -> bool {
        (self.holds)(&self.low, value, &self.high)
    }

    /// The limits in words, to be put after the type's own description.
    pub(super) fn describe(&self) -> String {
        let plain = |value: &T| value.show().trim_matches('"').to_owned();
        format!("from {} to {}", plain(&self.low), plain(&self.high))
    }
}

/// What the reference says about one setting.
#[derive(Debug, Clone)]
pub(super) struct Description {
    /// Dotted path in the file.
    pub(super) path: String,
    /// What values it accepts.
    pub(super) expected: String,
    /// Its default, as it would be written.
    pub(super) default: String,
    /// Its documentation comment.
    pub(super) doc: String,
}

/// What the reference says about one section.
#[derive(Debug, Clone)]
pub(super) struct SectionDescription {
    /// Dotted path in the file; empty for the top of the file.
    pub(super) path: String,
    /// Its documentation comment.
    pub(super) doc: String,
    /// Its settings, in order.
    pub(super) settings: Vec<Description>,
}

/// A group of settings, made by [`section!`].
pub(super) trait Section: Sized {
    /// Takes this section's values out of `values`; what is left over in the end was unknown.
    fn read(values: &mut Values, path: &str) -> Self;

    /// Appends this section and those below it.
    fn describe(path: &str, out: &mut Vec<SectionDescription>);

    /// Appends each setting's path and value, as it would be written and without passwords.
    fn show(&self, path: &str, out: &mut Vec<(String, String)>);
}

/// What `take` needs to know: the bounds of a setting, if it has any.
macro_rules! bounds {
    () => {
        None
    };
    ($low:expr, $high:expr) => {
        Some($crate::config::section::Bounds::new($low, $high))
    };
}
pub(super) use bounds;

/// Turns documentation comments into text.
pub(super) fn doc_text(lines: &[&str]) -> String {
    let lines: Vec<&str> = lines.iter().map(|line| line.trim()).collect();
    lines.join(" ").trim().to_owned()
}

/// Describes a setting from its type, default and bounds.
pub(super) fn description<T: super::value::Setting>(
    path: String,
    default: &T,
    bounds: Option<&Bounds<T>>,
    doc: &[&str],
) -> Description {
    let expected = match bounds {
        Some(bounds) => format!("{}, {}", T::expected(), bounds.describe()),
        None => T::expected(),
    };
    Description {
        path,
        expected,
        default: default.show(),
        doc: doc_text(doc),
    }
}

/// Defines a section: `name: Type = default, low => high;` per setting, then the sections below it, then what
/// stands beside the settings: fields that no source can set.
macro_rules! section {
    (
        $(#[doc = $doc:literal])+
        $name:ident {
            $( $(#[doc = $field_doc:literal])+ $field:ident: $ty:ty = $default:expr $(, $low:expr => $high:expr)?; )*
        }
        $( below { $( $below:ident: $below_ty:ty; )* } )?
        $( beside { $( $(#[doc = $beside_doc:literal])+ $beside:ident: $beside_ty:ty; )* } )?
    ) => {
        $(#[doc = $doc])+
        #[derive(Debug, Clone, PartialEq)]
        pub struct $name {
            $( $(#[doc = $field_doc])+ pub $field: $ty, )*
            $($(
                #[doc = concat!("The section `", stringify!($below), "`.")]
                pub $below: $below_ty,
            )*)?
            $($( $(#[doc = $beside_doc])+ pub $beside: $beside_ty, )*)?
        }

        impl Default for $name {
            fn default() -> Self {
                Self {
                    $( $field: $default, )*
                    $($( $below: <$below_ty>::default(), )*)?
                    $($( $beside: <$beside_ty>::default(), )*)?
                }
            }
        }

        impl $crate::config::section::Section for $name {
            fn read(values: &mut $crate::config::source::Values, path: &str) -> Self {
                use $crate::config::section::{bounds, join};
                Self {
                    $( $field: values.take::<$ty>(&join(path, stringify!($field)), $default, bounds!($($low, $high)?).as_ref()), )*
                    $($( $below: <$below_ty>::read(values, &join(path, stringify!($below))), )*)?
                    $($( $beside: <$beside_ty>::default(), )*)?
                }
            }

            fn describe(path: &str, out: &mut Vec<$crate::config::section::SectionDescription>) {
                use $crate::config::section::{SectionDescription, bounds, description, doc_text, join};
                out.push(SectionDescription {
                    path: path.to_owned(),
                    doc: doc_text(&[$($doc),+]),
                    settings: vec![$(
                        description::<$ty>(
                            join(path, stringify!($field)),
                            &$default,
                            bounds!($($low, $high)?).as_ref(),
                            &[$($field_doc),+],
                        ),
                    )*],
                });
                $($( <$below_ty>::describe(&join(path, stringify!($below)), out); )*)?
            }

            fn show(&self, path: &str, out: &mut Vec<(String, String)>) {
                use $crate::config::section::join;
                use $crate::config::value::Setting;
                $( out.push((join(path, stringify!($field)), Setting::show(&self.$field))); )*
                $($( self.$below.show(&join(path, stringify!($below)), out); )*)?
            }
        }
    };
}
pub(super) use section;
