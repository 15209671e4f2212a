"""A small OpenID provider on this machine: discovery, a way in without questions, codes good once, signed tokens.

What it says wrongly, on demand, is in `lies`.
"""

import hashlib
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from flask import Flask, jsonify, redirect, request
from flask.typing import ResponseReturnValue
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey, RSAKey

CLIENT, SECRET = "zinc", "secret-of-zinc"


@dataclass
class Provider:
    """Who is signed in there, what it tells of them, and where it is."""

    now_ms: Callable[[], int]
    claims: dict[str, Any] = field(
        default_factory=lambda: {"sub": "248", "email": "Ines@example.org", "email_verified": True}
    )
    # Claims, parts of the discovery document or switches that replace the honest ones.
    lies: dict[str, Any] = field(default_factory=dict)
    address: str = ""
    back: str = ""
    asked: list[str] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    key: Any = field(default_factory=lambda: ECKey.generate_key("P-256", {"kid": "k1", "use": "sig"}))

    def app(self) -> Flask:
        """Return it as a web application."""
        app = Flask("provider")
        app.before_request(lambda: self.asked.append(request.path))
        app.get("/.well-known/openid-configuration")(self.discovery)
        app.get("/authorize")(self.authorize)
        app.post("/token")(self.token)
        app.get("/keys")(self.keys)
        app.get("/userinfo")(self.userinfo)
        return app

    def keys(self) -> ResponseReturnValue:
        """Show the key that signs."""
        return jsonify(KeySet([self.key]).as_dict(private=False))

    def userinfo(self) -> ResponseReturnValue:
        """Tell more of the person."""
        return jsonify(self.lies.get("userinfo", {}))

    def discovery(self) -> ResponseReturnValue:
        """Say where everything is."""
        if self.lies.get("silent"):
            return "no", 503
        if self.lies.get("moved"):
            return redirect(f"{self.address}/elsewhere")
        told = {name: f"{self.address}/{path}" for name, path in (
            ("authorization_endpoint", "authorize"), ("token_endpoint", "token"), ("jwks_uri", "keys"),
            ("userinfo_endpoint", "userinfo"),
        )}  # fmt: skip
        return jsonify({"issuer": self.address, **told, **self.lies.get("discovery", {})})

    def authorize(self) -> ResponseReturnValue:
        """Let the person in and send them back with a code; only to the address that was registered, only with PKCE."""
        asked = request.args.to_dict()
        good = asked["client_id"] == CLIENT and asked["redirect_uri"] == self.back and asked["response_type"] == "code"
        if not good or asked.get("code_challenge_method") != "S256" or "openid" not in asked["scope"].split():
            return "refused", 400
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        answer = {"code": code, "state": asked["state"], **self.lies.get("answer", {})}
        return redirect(f"{self.back}?{urlencode(answer)}")

    def token(self) -> ResponseReturnValue:
        """Give a token for a code, once, to who knows the secret and the verifier."""
        form, who = request.form, request.authorization
        asked = self.codes.get(form["code"]) if self.lies.get("codes again") else self.codes.pop(form["code"], None)
        proof = urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest()).decode().rstrip("=")
        if (
            asked is None or who is None or (who.username, who.password) != (CLIENT, SECRET)
            or form["redirect_uri"] != asked["redirect_uri"] or proof != asked["code_challenge"]
        ):  # fmt: skip
            return jsonify(error="invalid_grant"), 400
        now = self.now_ms() // 1000
        said = {
            "iss": self.address,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            **self.claims,
        }
        said |= self.lies.get("claims", {})
        said = {name: value for name, value in said.items() if value is not None}
        return jsonify(access_token="a", token_type="Bearer", expires_in=300, id_token=self.signed(said))

    def signed(self, said: dict[str, Any]) -> str:
        """Sign what is said, or pretend to."""
        how = self.lies.get("signature")
        if how == "none":
            parts = (b'{"alg":"none"}', str(said).replace("'", '"').encode(), b"")
            return ".".join(urlsafe_b64encode(part).decode().rstrip("=") for part in parts)
        if how == "secret":
            return jwt.encode({"alg": "HS256", "kid": "k1"}, said, OctKey.import_key(SECRET * 4), algorithms=["HS256"])
        if how == "another key":
            return jwt.encode({"alg": "ES256", "kid": "k1"}, said, ECKey.generate_key("P-256"), algorithms=["ES256"])
        if how == "RS256":
            self.key = RSAKey.generate_key(2048, {"kid": "k2", "use": "sig"})
            return jwt.encode({"alg": "RS256", "kid": "k2"}, said, self.key, algorithms=["RS256"])
        return jwt.encode({"alg": "ES256", "kid": "k1"}, said, self.key, algorithms=["ES256"])
