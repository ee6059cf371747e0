//! Signatures, parameters and pages.

use serde_json::json;
use sindri_lab::clouds::alibaba::ACCOUNT;

use crate::user::*;

#[test]
fn only_requests_that_the_key_signed_are_answered() {
    let user = User::new("alibaba-signature");
    let identity = |given: &[(&str, &str)]| {
        let given = [&[("Version", "2015-04-01")], given].concat();
        user.ask("sts.aliyuncs.com", "GetCallerIdentity", &given)
    };
    assert_eq!(identity(&[]).1["AccountId"], ACCOUNT);
    for (given, code, rule) in [
        (
            ("AccessKeyId", "LTAI5tsomebodyelse"),
            "InvalidAccessKeyId.NotFound",
            "unauthenticated",
        ),
        (("AccessKeyId", "-"), "MissingAccessKeyId", "unauthenticated"),
        (
            ("SecurityToken", "x"),
            "InvalidSecurityToken.MismatchWithAccessKey",
            "unauthenticated",
        ),
        (
            ("SignatureMethod", "HMAC-SHA256"),
            "InvalidParameter",
            "wrong-value",
        ),
        (("SignatureNonce", "1"), "SignatureNonceUsed", "wrong-value"),
        (
            ("Timestamp", "1700000000"),
            "InvalidTimeStamp.Format",
            "wrong-value",
        ),
        (("Version", "2014-05-26"), "InvalidVersion", "wrong-value"),
        (("Format", "-"), "MissingParameter", "missing-field"),
    ] {
        let given = [given];
        let given: &[(&str, &str)] = &given;
        let (_, body) = if given[0].0 == "Version" {
            user.ask("sts.aliyuncs.com", "GetCallerIdentity", given)
        } else {
            identity(given)
        };
        assert_eq!(body["Code"], code, "{given:?}");
        assert_eq!(user.broken(), [rule], "{given:?}");
    }
    // A parameter that was changed on the way.
    let mut parameters = user.parameters("DescribeRegions", &[]);
    user.sign("POST", &mut parameters);
    parameters.retain(|(name, _)| name != "RegionId");
    let (status, body) = user.api.form(ECS, "/", &form(&parameters));
    assert_eq!(
        (status, body["Code"].as_str()),
        (400, Some("SignatureDoesNotMatch"))
    );
}

/// The SDKs send parameters in the query, and Packer's speaks plain HTTP.
#[test]
fn parameters_may_stand_in_the_query_and_http_may_be_plain() {
    let user = User::new("alibaba-query");
    let mut parameters = user.parameters("DescribeImages", &[("ImageName", "ä *~/")]);
    user.sign("GET", &mut parameters);
    let (status, body) = user.api.call("GET", &format!("/?{}", form(&parameters)), None);
    assert_eq!(status, 200, "{body}");
    let mut parameters = user.parameters("DescribeRegions", &[]);
    user.sign("GET", &mut parameters);
    let request = format!(
        "GET http://{ECS}/?{} HTTP/1.1\r\nHost: {ECS}\r\nConnection: close\r\n\r\n",
        form(&parameters)
    );
    let (status, body) = crate::client::raw(user.api.lab.address(), &request).unwrap();
    assert_eq!(status, 200, "{body}");
    assert_eq!(user.broken(), [""; 0]);
}

#[test]
fn parameters_are_those_of_the_reference() {
    let user = User::new("alibaba-parameters");
    for (action, given, code, rule) in [
        (
            "DescribeImages",
            ("ImageIds", "[]"),
            "InvalidParameter",
            "unknown-field",
        ),
        (
            "DescribeImages",
            ("Status", "available"),
            "InvalidParameter",
            "wrong-value",
        ),
        (
            "DescribeImages",
            ("PageSize", "101"),
            "InvalidParameter",
            "wrong-value",
        ),
        (
            "DescribeKeyPairs",
            ("PageSize", "51"),
            "InvalidParameter",
            "wrong-value",
        ),
        (
            "DescribeInstances",
            ("InstanceIds", "i-1"),
            "InvalidParameter",
            "wrong-value",
        ),
        (
            "DescribeImages",
            ("Tag.0.Key", "k"),
            "InvalidParameter",
            "unknown-field",
        ),
        (
            "DescribeImages",
            ("Tag.1.Key", "acs:k"),
            "InvalidTagKey.Malformed",
            "wrong-value",
        ),
        (
            "DeleteImage",
            ("Force", "True"),
            "InvalidParameter",
            "wrong-value",
        ),
        (
            "DeleteImage",
            ("RegionId", "cn-hangzhou"),
            "MissingParameter",
            "missing-field",
        ),
        (
            "CreateVpc",
            ("CidrBlock", "8.8.0.0/16"),
            "InvalidCidrBlock.Malformed",
            "wrong-value",
        ),
        (
            "CreateVpc",
            ("VpcName", "1"),
            "InvalidVpcName.Malformed",
            "wrong-value",
        ),
        // The network of ECS itself has no search by name, that of the VPC product has.
        (
            "DescribeVpcs",
            ("VpcName", "a-name"),
            "InvalidParameter",
            "unknown-field",
        ),
        (
            "DescribeCommands",
            ("RegionId", "cn-hangzhou"),
            "InvalidAction.NotFound",
            "unknown-route",
        ),
    ] {
        assert_eq!(user.refused(action, &[given]), code, "{action} {given:?}");
        assert_eq!(user.broken(), [rule], "{action} {given:?}");
    }
    assert_eq!(
        user.refused("DescribeImages", &[("RegionId", "us-west-1")]),
        "InvalidRegionId.NotFound"
    );
    let version = [("Version", "2016-04-28"), ("VpcName", "a-name")];
    assert_eq!(user.ask(VPC, "DescribeVpcs", &version).0, 200);
}

/// A client that takes the first page for everything loses images.
#[test]
fn lists_come_in_pages_and_hide_what_is_not_available() {
    let user = User::new("alibaba-pages");
    let seen = |page: &str| {
        let answer = user.ecs("DescribeImages", &[("PageSize", "3"), ("PageNumber", page)]);
        let count = answer["Images"]["Image"].as_array().unwrap().len();
        (answer["TotalCount"].as_u64().unwrap(), count)
    };
    assert_eq!((seen("1"), seen("2"), seen("3")), ((4, 3), (4, 1), (4, 0)));
    let family = user.ecs(
        "DescribeImageFromFamily",
        &[("ImageFamily", "acs:ubuntu_24_04_x64")],
    );
    assert_eq!(
        family["Image"]["ImageId"],
        "ubuntu_24_04_x64_20G_alibase_20260916.vhd"
    );
    let none = user.ecs("DescribeImageFromFamily", &[("ImageFamily", "acs:none")]);
    assert_eq!(none["Image"], json!({}));
}
