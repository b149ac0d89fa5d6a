// Passkeys: hands what the server asks to the browser, and its answer back (WebAuthn Level 3, sections 5.1.3 and 5.1.4).
{
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

  const asked = (json) => {
    const options = JSON.parse(json);
    options.challenge = bytes(options.challenge);
    if (options.user) options.user.id = bytes(options.user.id);
    for (const one of options.excludeCredentials ?? []) one.id = bytes(one.id);
    return options;
  };

  const answer = (made) => {
    const { response } = made;
    const out = { id: made.id, rawId: text(made.rawId), type: made.type, clientExtensionResults: {}, response: {} };
    for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (response[name]) out.response[name] = text(response[name]);
    }
    return JSON.stringify(out);
  };

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    if (!window.PublicKeyCredential) break;
    form.hidden = false;
    form.addEventListener("submit", async (event) => {
      if (form.elements.answer.value) return;
      event.preventDefault();
      const said = form.querySelector("[role=alert]");
      said.hidden = true;
      try {
        const publicKey = asked(form.dataset.asked);
        form.elements.answer.value = answer(await navigator.credentials[form.dataset.passkey]({ publicKey }));
        form.submit();
      } catch {
        said.hidden = false;
      }
    });
  }
}
