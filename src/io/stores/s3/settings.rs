//! How a bucket is reached: the chain of credentials, region and endpoint that AWS's own tools follow.
//!
//! Credentials: none (`AWS_SKIP_SIGNATURE`), the environment's keys, a web identity token, the profile of
//! `~/.aws`, the container, the instance; the first that is set up.

use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey as Key};
use object_store::{BackoffConfig, RetryConfig};
use std::time::Duration;
use url::Host;

use crate::io::stores::s3::http::Connector;
use crate::io::stores::s3::profile::Profile;
use crate::model::{Access, Error, Result};

/// Variables handed on under the names they have.
const HANDED_ON: &[&str] = &[
    "AWS_SERVER_SIDE_ENCRYPTION",
    "AWS_SSE_KMS_KEY_ID",
    "AWS_SSE_BUCKET_KEY_ENABLED",
    "AWS_SSE_CUSTOMER_KEY_BASE64",
    "AWS_REQUEST_PAYER",
    "AWS_CHECKSUM_ALGORITHM",
    "AWS_UNSIGNED_PAYLOAD",
    "AWS_S3_EXPRESS",
    "AWS_DISABLE_BULK_DELETE",
    "AWS_METADATA_ENDPOINT",
    "AWS_IMDSV1_FALLBACK",
    "AWS_ENDPOINT_URL_STS",
];

/// Who a request comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Identity {
    Anonymous,
    Environment,
    WebIdentity,
    Profile(String),
    Container,
    Instance,
}

impl Identity {
    /// Says which credentials these are, never what they are.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Anonymous => "no credentials (AWS_SKIP_SIGNATURE)".to_owned(),
            Self::Environment => "the keys of the environment (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY)".to_owned(),
            Self::WebIdentity => "the web identity token (AWS_WEB_IDENTITY_TOKEN_FILE, AWS_ROLE_ARN)".to_owned(),
            Self::Profile(name) => format!("the keys of profile `{name}` of ~/.aws"),
            Self::Container => "the credentials of the container (AWS_CONTAINER_CREDENTIALS_…)".to_owned(),
            Self::Instance => "the credentials of the instance, since no others are set up".to_owned(),
        }
    }
}

/// A bucket's settings, ready to connect.
pub struct Settings {
    pub builder: AmazonS3Builder,
    pub identity: Identity,
    /// The endpoint as it may be shown.
    pub endpoint: String,
    /// What must not be shown.
    pub secrets: Vec<String>,
}

/// Puts the settings of a bucket together.
///
/// # Errors
/// A usage error where settings contradict each other or are not complete.
pub fn resolve(access: &Access, bucket: &str) -> Result<Settings> {
    let keys = access.variable("AWS_ACCESS_KEY_ID").zip(access.variable("AWS_SECRET_ACCESS_KEY"));
    let profile = match Profile::read(access) {
        // The keys of the environment need no profile.
        Err(_) if keys.is_some() => Profile::default(),
        profile => profile?,
    };
    let region = access.variable("AWS_REGION").or_else(|| access.variable("AWS_DEFAULT_REGION"));
    let region = region.or_else(|| profile.get("region"));
    let mut builder = AmazonS3Builder::new().with_bucket_name(bucket).with_region(region.unwrap_or("us-east-1"));
    let mut secrets = Vec::new();
    for name in HANDED_ON {
        if let (Some(value), Ok(key)) = (access.variable(name), name.to_ascii_lowercase().parse::<Key>()) {
            builder = builder.with_config(key, value);
            if *name == "AWS_SSE_CUSTOMER_KEY_BASE64" {
                secrets.push(value.to_owned());
            }
        }
    }
    let endpoint = endpoint(access, &profile)?;
    let virtual_hosted = access.variable("AWS_VIRTUAL_HOSTED_STYLE_REQUEST").map_or_else(
        // A dot in a bucket's name does not fit the certificate of its own host.
        || endpoint.is_none() && !bucket.contains('.'),
        is_true,
    );
    builder = builder.with_virtual_hosted_style_request(virtual_hosted);
    let (allow_http, direct) = endpoint.as_ref().map_or((false, false), |endpoint| (endpoint.plain, endpoint.loopback));
    builder = builder
        .with_allow_http(allow_http)
        .with_http_connector(Connector::new(access, allow_http, direct)?)
        .with_retry(RetryConfig {
            backoff: BackoffConfig {
                init_backoff: Duration::from_millis(200),
                max_backoff: Duration::from_secs(8),
                base: 2.0,
            },
            max_retries: 5,
            retry_timeout: Duration::from_mins(2),
        });
    let shown = match &endpoint {
        Some(endpoint) => {
            builder = builder.with_endpoint(&endpoint.text);
            endpoint.text.clone()
        }
        None => format!("Amazon S3 in {}", region.unwrap_or("us-east-1")),
    };
    let (builder, identity) = identify(builder, access, &profile, &mut secrets)?;
    Ok(Settings { builder, identity, endpoint: shown, secrets })
}

struct Endpoint {
    text: String,
    plain: bool,
    loopback: bool,
}

fn endpoint(access: &Access, profile: &Profile) -> Result<Option<Endpoint>> {
    let text =
        ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT"].iter().find_map(|name| access.variable(name));
    let Some(text) = text.or_else(|| profile.get("endpoint_url")) else { return Ok(None) };
    let unreadable = || {
        Error::usage("the endpoint of the object store cannot be read")
            .hint("AWS_ENDPOINT_URL is an address without user and path, such as https://minio.example:9000.")
    };
    let url = url::Url::parse(text).map_err(|_| unreadable())?;
    let plain = url.scheme() == "http";
    let odd = !url.username().is_empty() || url.password().is_some() || url.query().is_some();
    if odd || !(plain || url.scheme() == "https") {
        return Err(unreadable());
    }
    let loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => return Err(unreadable()),
    };
    let text = url.as_str().trim_end_matches('/').to_owned();
    if plain && !loopback && !access.variable("AWS_ALLOW_HTTP").is_some_and(is_true) {
        return Err(Error::usage(format!("{text} is not encrypted"))
            .hint("Use https://, or allow it for this store: AWS_ALLOW_HTTP=true."));
    }
    Ok(Some(Endpoint { text, plain, loopback }))
}

/// Hands the first credentials of the chain to the builder.
fn identify(
    mut builder: AmazonS3Builder,
    access: &Access,
    profile: &Profile,
    secrets: &mut Vec<String>,
) -> Result<(AmazonS3Builder, Identity)> {
    let mut set = |mut builder: AmazonS3Builder, pairs: &[(Key, Option<&str>)]| {
        for (key, value) in pairs {
            if let Some(value) = value {
                builder = builder.with_config(*key, *value);
                if matches!(key, Key::AccessKeyId | Key::SecretAccessKey | Key::Token) {
                    secrets.push((*value).to_owned());
                }
            }
        }
        builder
    };
    let var = |name| access.variable(name);
    if var("AWS_SKIP_SIGNATURE").is_some_and(is_true) {
        return Ok((builder.with_skip_signature(true), Identity::Anonymous));
    }
    let (id, secret) = (var("AWS_ACCESS_KEY_ID"), var("AWS_SECRET_ACCESS_KEY"));
    if id.is_some() != secret.is_some() {
        return Err(Error::usage("one of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY is set and the other is not"));
    }
    if id.is_some() {
        let keys = [(Key::AccessKeyId, id), (Key::SecretAccessKey, secret), (Key::Token, var("AWS_SESSION_TOKEN"))];
        return Ok((set(builder, &keys), Identity::Environment));
    }
    if let (Some(file), Some(role)) = (var("AWS_WEB_IDENTITY_TOKEN_FILE"), var("AWS_ROLE_ARN")) {
        let keys = [
            (Key::WebIdentityTokenFile, Some(file)),
            (Key::RoleArn, Some(role)),
            (Key::RoleSessionName, Some(var("AWS_ROLE_SESSION_NAME").unwrap_or("karat"))),
        ];
        return Ok((set(builder, &keys), Identity::WebIdentity));
    }
    if let (Some(id), Some(secret)) = (profile.get("aws_access_key_id"), profile.get("aws_secret_access_key")) {
        let token = profile.get("aws_session_token");
        let keys = [(Key::AccessKeyId, Some(id)), (Key::SecretAccessKey, Some(secret)), (Key::Token, token)];
        return Ok((set(builder, &keys), Identity::Profile(profile.name.clone())));
    }
    let unread = ["sso_session", "sso_start_url", "role_arn", "credential_process", "login_session"];
    if let Some(setting) = unread.iter().find(|setting| profile.get(setting).is_some()) {
        return Err(Error::usage(format!("profile `{}` gets its keys by `{setting}`", profile.name)).hint(
            "karat reads keys alone. Put them into the environment: \
             eval \"$(aws configure export-credentials --format env)\"",
        ));
    }
    if profile.asked {
        return Err(Error::usage(format!("profile `{}` has no keys", profile.name))
            .hint("Run `aws configure` for it, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."));
    }
    let relative = var("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
    let full = var("AWS_CONTAINER_CREDENTIALS_FULL_URI").zip(var("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"));
    if relative.is_some() || full.is_some() {
        builder = set(
            builder,
            &[
                (Key::ContainerCredentialsRelativeUri, relative),
                (Key::ContainerCredentialsFullUri, full.map(|(uri, _)| uri)),
                (Key::ContainerAuthorizationTokenFile, full.map(|(_, file)| file)),
            ],
        );
        return Ok((builder, Identity::Container));
    }
    if var("AWS_EC2_METADATA_DISABLED").is_some_and(is_true) {
        return Err(no_credentials());
    }
    Ok((builder, Identity::Instance))
}

/// Says that there are no credentials.
#[must_use]
pub fn no_credentials() -> Error {
    Error::usage("there are no credentials for the object store")
        .hint("Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE.")
        .hint("A bucket that is open to all is read with AWS_SKIP_SIGNATURE=true.")
}

fn is_true(text: &str) -> bool {
    matches!(text.to_ascii_lowercase().as_str(), "1" | "true" | "yes" | "on")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::stores::testing::TestFolder;

    fn resolved(pairs: &[(&str, &str)]) -> Result<Settings> {
        let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        resolve(&Access::new(pairs, None), "b")
    }

    const KEYS: [(&str, &str); 2] = [("AWS_ACCESS_KEY_ID", "canary-id"), ("AWS_SECRET_ACCESS_KEY", "canary-secret")];

    #[test]
    fn the_first_of_the_chain_counts() {
        let folder = TestFolder::new();
        folder.file(".aws/credentials", b"[default]\naws_access_key_id = A\naws_secret_access_key = B\n");
        let home = ("HOME", folder.path().to_str().unwrap());
        let web = [("AWS_WEB_IDENTITY_TOKEN_FILE", "/t"), ("AWS_ROLE_ARN", "arn")];
        let container = ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/x");
        let identity = |pairs: &[(&str, &str)]| resolved(pairs).unwrap().identity;
        let all = [&KEYS[..], &web, &[home, container]].concat();
        assert_eq!(identity(&[&all[..], &[("AWS_SKIP_SIGNATURE", "true")]].concat()), Identity::Anonymous);
        assert_eq!(identity(&all), Identity::Environment);
        assert_eq!(identity(&all[2..]), Identity::WebIdentity);
        assert_eq!(identity(&all[4..]), Identity::Profile("default".to_owned()));
        assert_eq!(identity(&all[5..]), Identity::Container);
        assert_eq!(identity(&[]), Identity::Instance);
        assert!(resolved(&[("AWS_EC2_METADATA_DISABLED", "true")]).is_err());
        assert!(resolved(&KEYS[..1]).is_err());
    }

    #[test]
    fn profiles_that_need_more_than_keys_say_so() {
        let folder = TestFolder::new();
        folder.file(".aws/config", b"[default]\nsso_session = corp\n");
        let error = resolved(&[("HOME", folder.path().to_str().unwrap())]).err().unwrap();
        assert!(error.message.contains("sso_session") && error.hints[0].contains("export-credentials"), "{error}");
    }

    #[test]
    fn endpoints_are_checked() {
        let with =
            |endpoint, more: &[(&str, &str)]| resolved(&[&KEYS[..], &[("AWS_ENDPOINT_URL", endpoint)], more].concat());
        assert_eq!(with("http://127.0.0.1:9000/", &[]).unwrap().endpoint, "http://127.0.0.1:9000");
        assert!(with("https://minio.example", &[]).is_ok());
        assert!(with("http://minio.example", &[]).err().unwrap().message.contains("not encrypted"));
        assert!(with("http://minio.example", &[("AWS_ALLOW_HTTP", "true")]).is_ok());
        for text in ["https://me:canary@minio.example", "canary", "ftp://canary"] {
            let error = with(text, &[]).err().unwrap();
            assert!(!format!("{error:?}").contains("canary"), "{error}");
        }
    }

    #[test]
    fn encryption_is_handed_on() {
        let with = |value: &str| {
            let more = [("AWS_SERVER_SIDE_ENCRYPTION", value), ("AWS_SSE_KMS_KEY_ID", "k")];
            resolved(&[&KEYS[..], &more].concat()).unwrap().builder.build()
        };
        assert!(with("AES256").is_ok() && with("aws:kms").is_ok());
        assert!(with("rot13").is_err());
    }
}
