// Signs requests with http-message-signatures (RFC 9421) and sends them. Result: status and text of each answer.
import { createHash, randomBytes } from 'node:crypto';
import { createSigner, httpbis } from 'http-message-signatures';
import { finish, parameters } from './story.mjs';

const contentDigest = (algorithm, body) =>
  `${algorithm}=:${createHash(algorithm.replace('-', '')).update(body).digest('base64')}:`;

const send = async ({ method, url, body, digest, key, created, sent_body: sentBody, sent_digest: sentDigest }) => {
  const headers = body ? { 'Content-Type': 'application/json', 'Content-Digest': contentDigest(digest, body) } : {};
  const signed = await httpbis.signMessage({
    key: createSigner(key.secret ? Buffer.from(key.secret, 'base64') : key.private_key, key.algorithm, key.id),
    fields: ['@method', '@path', '@query', ...(body ? ['content-digest'] : [])],
    params: ['created', 'nonce', 'keyid', ...(key.is_algorithm_named ? ['alg'] : [])],
    paramValues: { created: new Date(created), nonce: randomBytes(16).toString('base64url') },
  }, { method, url, headers });

  // What an attacker on the way would do to it.
  const altered = sentDigest ? { ...signed.headers, 'Content-Digest': contentDigest(digest, sentBody) } : signed.headers;
  const answer = await fetch(url, { method, headers: altered, body: sentBody ?? body });
  return { status: answer.status, text: await answer.text() };
};

const answers = [];
for (const request of parameters.requests) {
  answers.push(await send(request));
}

finish(answers);
