// Has alipay-sdk do steps one after the other. Only the gateway address of its configuration is not the provider's. Result: what each step gave.
import { AlipaySdk } from 'alipay-sdk';
import { finish, parameters } from './story.mjs';

const { config, steps } = parameters;
const sdk = new AlipaySdk({
  gateway: config.gateway,
  appId: config.app_id,
  privateKey: config.private_key,
  keyType: 'PKCS8',
  ...(config.app_cert
    ? { appCertContent: config.app_cert, alipayPublicCertContent: config.alipay_cert, alipayRootCertContent: config.alipay_root_cert }
    : { alipayPublicKey: config.alipay_public_key }),
});

// The SDK stumbles over parameters without a value, and it throws when the signature of an answer is wrong.
const exec = ({ method, content, notify_url: notifyUrl }) =>
  sdk.exec(method, { bizContent: content, ...(notifyUrl && { notifyUrl }) }, { validateSign: true })
    .catch((error) => ({ refused: error.message }));

const page = ({ http_method: httpMethod, content, notify_url: notifyUrl, return_url: returnUrl }) =>
  sdk.pageExec('alipay.trade.page.pay', httpMethod, { bizContent: content, notifyUrl, returnUrl });

const check = ({ form, version }) => {
  const fields = Object.fromEntries(new URLSearchParams(form));
  return version === 2 ? sdk.checkNotifySignV2(fields) : sdk.checkNotifySign(fields);
};

const certificate = () => exec({ method: 'alipay.open.app.alipaycert.download', content: { alipay_cert_sn: sdk.config.alipayCertSn } });

const results = [];
for (const step of steps) {
  const result = await { exec, page, check, certificate }[step.kind](step);
  results.push(result);
}

finish(results);
