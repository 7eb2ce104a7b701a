//! `--setting KEY=VALUE`: any setting of a tenant by its name in `authflow tenant show --json`.

use authflow_server::tenants::TenantSettings;
use serde_json::Value;

use crate::failure::Failure;

/// The settings with each of `given` changed: `mfa=required`, `methods.magic_link=true`.
pub(super) fn changed(settings: &TenantSettings, given: &[String]) -> Result<TenantSettings, Failure> {
    let mut document =
        serde_json::to_value(settings).map_err(|error| Failure::chain("tenant.settings", &error))?;
    for pair in given {
        let (key, text) = pair
            .split_once('=')
            .ok_or_else(|| invalid(format!("`{pair}` is not of the form KEY=VALUE")))?;
        *slot(&mut document, key)? = serde_json::from_str(text).unwrap_or_else(|_| Value::from(text));
    }
    serde_json::from_value(document).map_err(|error| invalid(error.to_string()))
}

/// The place of `key`, whose parts are joined by dots; only names that exist are taken.
fn slot<'a>(document: &'a mut Value, key: &str) -> Result<&'a mut Value, Failure> {
    let mut place = document;
    for part in key.split('.') {
        let names: Vec<String> = place
            .as_object()
            .map(|object| object.keys().cloned().collect())
            .unwrap_or_default();
        place = place
            .get_mut(part)
            .ok_or_else(|| invalid(format!("no setting `{key}`; known here: {}", names.join(", "))))?;
    }
    Ok(place)
}

fn invalid(message: String) -> Failure {
    Failure::usage("tenant.invalid_setting", message)
}

#[cfg(test)]
mod tests {
    use authflow_server::tenants::MfaPolicy;

    use super::*;

    fn change(given: &[&str]) -> Result<TenantSettings, Failure> {
        let given: Vec<String> = given.iter().map(|&text| text.to_owned()).collect();
        changed(&TenantSettings::default(), &given)
    }

    #[test]
    fn settings_are_changed_by_name_and_the_others_stay() {
        let settings = change(&["mfa=required", "methods.magic_link=true", "default_locale=de"]).unwrap();
        assert_eq!(settings.mfa, MfaPolicy::Required);
        assert!(settings.methods.magic_link && settings.methods.password);
        assert_eq!(settings.default_locale.as_deref(), Some("de"));
    }

    #[test]
    fn unknown_names_and_values_are_refused() {
        for bad in [
            "mfa",
            "mfaa=required",
            "mfa=maybe",
            "methods.magic=true",
            "methods=1",
            "sign_up=perhaps",
            "=1",
        ] {
            assert!(change(&[bad]).is_err(), "{bad}");
        }
    }
}
