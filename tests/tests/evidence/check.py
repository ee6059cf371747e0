"""Reads a folder of evidence with others' packages only, and exits with an error if anything is wrong.

    PYTHON check.py FOLDER PUBLIC_KEY
"""

import base64
import hashlib
import json
import pathlib
import sys

from cryptography.hazmat.primitives.serialization import load_pem_public_key
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from google.protobuf import json_format
from in_toto_attestation.v1.statement import Statement
from in_toto_attestation.v1 import statement_pb2
from packageurl import PackageURL
from securesystemslib.dsse import Envelope
from securesystemslib.signer import SSlibKey

folder, key_file = map(pathlib.Path, sys.argv[1:])

# The envelope and its signature.
pem = key_file.read_bytes()
key = SSlibKey.from_crypto(load_pem_public_key(pem), keyid=hashlib.sha256(pem).hexdigest())
envelope = Envelope.from_dict(json.loads((folder / "attestation.dsse.json").read_text()))
accepted = envelope.verify([key], threshold=1)
assert list(accepted) == [key.keyid], accepted
assert envelope.payload_type == "application/vnd.in-toto+json", envelope.payload_type

# The statement, in in-toto's own schema.
message = json_format.Parse(envelope.payload, statement_pb2.Statement())
statement = Statement.copy_from_pb(message)
statement.validate()
assert statement.pb.predicate_type == "https://slsa.dev/provenance/v1"
predicate = json_format.MessageToDict(statement.pb.predicate)
assert set(predicate) == {"buildDefinition", "runDetails"}, predicate


def sha256(content):
    return hashlib.sha256(content).hexdigest()


# What the digests are of.
subjects = {subject.name: subject.digest["sha256"] for subject in statement.pb.subject}
assert subjects.pop("root.mtree") == sha256((folder / "root.mtree").read_bytes())
for name, digest in subjects.items():
    assert digest == sha256(name.encode()), name
products = {product["name"]: product["digest"]["sha256"] for product in predicate["runDetails"]["byproducts"]}
bill = (folder / "sbom.cdx.json").read_text()
assert products["sbom.cdx.json"] == sha256(bill.encode())

# The packages: CycloneDX's schema, and package URLs that mean what the component says.
error = JsonStrictValidator(SchemaVersion.V1_6).validate_str(bill)
assert error is None, error
for component in json.loads(bill)["components"]:
    url = PackageURL.from_string(component["purl"])
    assert (url.type, url.name, url.version) == ("deb", component["name"], component["version"]), url
    # The package still writes a colon as %3A, which the standard has forbidden since.
    assert url.to_string().replace("%3A", ":") == component["purl"], url
print(len(json.loads(bill)["components"]))
