//! What a store's refusals mean, in words that hold no secret: of an answer only code and message are shown.

use object_store::client::{HttpError, HttpErrorKind};

use crate::io::stores::s3::settings::{Identity, no_credentials};
use crate::model::{Error, ErrorKind};

/// Codes that speak of credentials, whatever status they come with.
const REFUSALS: [&str; 8] = [
    "AccessDenied",
    "ExpiredToken",
    "InvalidAccessKeyId",
    "InvalidSecurity",
    "InvalidToken",
    "NotSignedUp",
    "RequestTimeTooSkewed",
    "SignatureDoesNotMatch",
];

/// Where requests go, and as whom.
pub struct Place {
    pub bucket: String,
    /// As it may be shown.
    pub endpoint: String,
    pub identity: Identity,
    /// What must not be shown.
    pub secrets: Vec<String>,
}

impl Place {
    /// Makes an error of what the store said to a request; `what` is what was asked for (`cannot read s3://…`).
    #[must_use]
    pub fn failed(&self, kind: ErrorKind, what: &str, error: &object_store::Error) -> Error {
        let said = Said::of(error);
        let bucket = &self.bucket;
        let make = |message: String| Error::new(kind, self.scrubbed(&message));
        if let object_store::Error::InvalidPath { .. } = error {
            return make(format!("{what}: an object there has a key that cannot be asked for"))
                .hint("Keys with an empty, `.` or `..` folder or a control character cannot be read: rename it.");
        }
        if said.code() == "NoSuchBucket" {
            return make(format!("there is no bucket `{bucket}` ({})", self.endpoint))
                .hint("Check the name, the region and the endpoint: AWS_REGION, AWS_ENDPOINT_URL.");
        }
        if said.redirected() {
            return make(format!("bucket `{bucket}` is not in the region asked ({})", self.endpoint))
                .hint("Set AWS_REGION to the bucket's region.");
        }
        let refused =
            matches!(error, object_store::Error::PermissionDenied { .. } | object_store::Error::Unauthenticated { .. });
        if refused || REFUSALS.contains(&said.code()) {
            return make(format!("{what}: the store refused it{}", said.words()))
                .hint(format!("karat used {}.", self.identity.words()));
        }
        if self.identity == Identity::Instance && said.text.contains("169.254.169.254") {
            return no_credentials();
        }
        match said.http {
            Some(HttpErrorKind::Connect) => make(format!("{what}: cannot reach {}: {}", self.endpoint, said.innermost))
                .hint("Check AWS_ENDPOINT_URL and the network."),
            Some(HttpErrorKind::Timeout) => make(format!("{what}: {} did not answer in time", self.endpoint))
                .hint("Nothing was committed; run it again."),
            _ => make(format!("{what}{}", said.words())),
        }
    }

    fn scrubbed(&self, message: &str) -> String {
        let known = self.secrets.iter().filter(|secret| !secret.is_empty());
        known.fold(message.to_owned(), |message, secret| message.replace(secret.as_str(), "…"))
    }
}

/// What is known of a failed request.
struct Said {
    text: String,
    /// `NoSuchKey` and the like.
    code: Option<String>,
    message: Option<String>,
    http: Option<HttpErrorKind>,
    innermost: String,
}

impl Said {
    fn of(error: &object_store::Error) -> Self {
        let (mut http, mut text, mut innermost) = (None, error.to_string(), error.to_string());
        let mut beneath = std::error::Error::source(error);
        while let Some(cause) = beneath {
            if let Some(error) = cause.downcast_ref::<HttpError>() {
                http = Some(error.kind());
            }
            innermost = cause.to_string();
            text.push('\n');
            text.push_str(&innermost);
            beneath = cause.source();
        }
        let (code, message) = (element(&text, "Code"), element(&text, "Message"));
        Self { text, code, message, http, innermost }
    }

    fn code(&self) -> &str {
        self.code.as_deref().unwrap_or_default()
    }

    fn redirected(&self) -> bool {
        matches!(
            self.code(),
            "PermanentRedirect" | "AuthorizationHeaderMalformed" | "IllegalLocationConstraintException"
        ) || self.text.contains("redirect without LOCATION")
    }

    /// Gives the store's own words, behind a colon.
    fn words(&self) -> String {
        match (&self.code, &self.message) {
            (Some(code), Some(message)) => format!(": {message} ({code})"),
            (Some(code), None) => format!(": {code}"),
            // The body of an answer that is no answer of a store may be anything.
            (None, _) => format!(
                ": {}",
                self.innermost.split(['<', '\n']).next().unwrap_or_default().trim_end_matches([':', ' '])
            ),
        }
    }
}

/// Gives the content of the first element of a name in an answer.
fn element(text: &str, name: &str) -> Option<String> {
    let (_, rest) = text.split_once(&format!("<{name}>"))?;
    let (content, _) = rest.split_once(&format!("</{name}>"))?;
    Some(content.chars().filter(|letter| !letter.is_control()).take(300).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_code_and_message_are_shown() {
        let place = Place {
            bucket: "b".to_owned(),
            endpoint: "http://127.0.0.1:1".to_owned(),
            identity: Identity::Environment,
            secrets: vec!["canary-key".to_owned()],
        };
        let body = "<Error><Code>SignatureDoesNotMatch</Code><Message>no match for canary-key</Message>\
                    <AWSAccessKeyId>canary-id</AWSAccessKeyId></Error>";
        let denied = object_store::Error::PermissionDenied { path: "k".to_owned(), source: body.into() };
        let error = place.failed(ErrorKind::Input, "cannot read s3://b/k", &denied);
        let shown = format!("{error:?}");
        assert!(shown.contains("no match for … (SignatureDoesNotMatch)"), "{shown}");
        assert!(shown.contains("AWS_ACCESS_KEY_ID") && !shown.contains("canary"), "{shown}");
        let missing = "<Error><Code>NoSuchBucket</Code></Error>";
        let missing = object_store::Error::NotFound { path: String::new(), source: missing.into() };
        assert!(place.failed(ErrorKind::Input, "x", &missing).message.contains("no bucket `b`"));
        let other = object_store::Error::Generic { store: "S3", source: "status 500: <html>canary</html>".into() };
        assert_eq!(place.failed(ErrorKind::Input, "x", &other).message, "x: status 500");
    }
}
