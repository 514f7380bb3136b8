"""The DSSE envelope: a payload, what kind it is, and a signature over both. The cryptography is securesystemslib's.

Source: secure-systems-lab/dsse, "DSSE Protocol" and "Envelope" v1.0.
"""

from __future__ import annotations

import json

from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import UnverifiedSignatureError
from securesystemslib.signer import CryptoSigner, Signature, SSlibKey

from stslab.attestation.statement import canonical
from stslab.report.visible import one_line

PAYLOAD_TYPE = "application/vnd.in-toto+json"
"""Source: in-toto attestation, "Envelope layer specification" v1."""


def sealed(payload: bytes, signer: CryptoSigner) -> bytes:
    """Sign a payload; the same payload and Ed25519 key always give the same bytes."""
    envelope = Envelope(payload, PAYLOAD_TYPE, {})
    envelope.sign(signer)
    return written(envelope)


def written(envelope: Envelope) -> bytes:
    """The one way in which an envelope is written."""
    return f"{canonical(envelope.to_dict())}\n".encode("utf-8", "surrogatepass")


def opened(raw: bytes) -> Envelope:
    """Read an envelope; nothing in it may be believed yet.

    Raises:
        ValueError: it is none.
    """
    try:
        envelope = Envelope.from_dict(json.loads(raw))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as fault:
        raise ValueError(f"it is no DSSE envelope ({type(fault).__name__}: {one_line(str(fault), 100)})") from None
    texts = (envelope.payload_type, *(each.keyid for each in envelope.signatures.values()))
    if not envelope.signatures or not all(isinstance(text, str) and text.isascii() for text in texts):
        raise ValueError("it is no DSSE envelope (it names no type, or no key that has signed it)")
    # The library keeps what else stands beside a signature, and would write it again.
    bare = {keyid: Signature(keyid, each.signature) for keyid, each in envelope.signatures.items()}
    return Envelope(envelope.payload, envelope.payload_type, bare)


def distrust(envelope: Envelope, key: SSlibKey) -> str:
    """Why an envelope is not to be believed; empty where the key has signed it.

    The ids of keys in an envelope are hints that nobody has signed, and so have no part in the decision.
    """
    signed = envelope.pae()
    for signature in envelope.signatures.values():
        try:
            key.verify_signature(Signature(key.keyid, signature.signature), signed)
        except UnverifiedSignatureError:
            continue
        return ""
    if key.keyid in envelope.signatures:
        return f"the signature of key {key.keyid} does not fit: payload, payloadType or signature have been changed"
    named = one_line(", ".join(envelope.signatures), 140)
    return f"the signature is not by this key, which is {key.keyid}, but by one called {named}"


def deviations(envelope: Envelope, raw: bytes, key: SSlibKey) -> list[str]:
    """What of an envelope with a good signature is not as :func:`sealed` writes it, a sentence's end each.

    A signature does not cover how the envelope is written: white space, other spellings of base64, the hint on the
    key, a further signature. Since no byte may change unseen, there is only one way to write it.
    """
    found = []
    if envelope.payload_type != PAYLOAD_TYPE:
        found.append(f"its payloadType is {one_line(envelope.payload_type, 100)} and not {PAYLOAD_TYPE}")
    if list(envelope.signatures) != [key.keyid]:
        named = one_line(", ".join(envelope.signatures), 140)
        found.append(f"it names as the keys that signed it {named} and not only {key.keyid}")
    if written(envelope) != raw:
        found.append("it is not written in the one way in which stslab attest writes it")
    return found
