// A merchant on wechatpay-axios-plugin. Nothing of the SDK is bent: only baseURL is another. Result: what each call answered, and the platform's keys.
import wechatpay from 'wechatpay-axios-plugin';
import { finish, parameters } from './story.mjs';

const { Aes, Formatter, Rsa, Wechatpay } = wechatpay;
const {
  base_url: baseURL, mchid, appid, serial, private_key: privateKey, api_v3_key: apiV3Key, named_key: namedKey, notify_url: notifyUrl,
} = parameters;
const open = ({ ciphertext, nonce, associated_data: aad }) => Aes.AesGcm.decrypt(ciphertext, apiV3Key, nonce, aad);
const client = (certs) => new Wechatpay({
  baseURL, mchid, serial, privateKey, certs, headers: namedKey ? { 'Wechatpay-Serial': namedKey } : {},
});

const isSigned = (headers, body, certs) => Object.hasOwn(certs, headers['wechatpay-serial'])
  && Math.abs(Formatter.timestamp() - headers['wechatpay-timestamp']) < 300
  && Rsa.verify(
    Formatter.response(headers['wechatpay-timestamp'], headers['wechatpay-nonce'], body),
    headers['wechatpay-signature'], Rsa.from(certs[headers['wechatpay-serial']], Rsa.KEY_TYPE_PUBLIC));

// A hen and its egg: the first list is verified by what it brings, or by the public key where there is one.
const download = async (publicKeys) => {
  const { data: text, headers } = await client({ any: undefined }).v3.certificates.get({ transformResponse: [(raw) => raw] });
  const listed = JSON.parse(text).data.map((entry) => [entry.serial_no, open(entry.encrypt_certificate)]);
  const certs = { ...publicKeys, ...Object.fromEntries(listed) };
  if (!isSigned(headers, text, certs)) {
    throw new Error('The list of certificates is signed by a key that is not known.');
  }

  return certs;
};

const certs = parameters.uses_certificates ? await download(parameters.public_keys) : parameters.public_keys;
const { v3 } = client(certs);

const operations = {
  place: ({ out_trade_no }) => v3.pay.transactions.native.post({
    mchid, appid, out_trade_no, notify_url: notifyUrl, description: '龙井茶 Longjing tea', amount: { total: 1299, currency: 'CNY' },
  }),
  query: ({ out_trade_no }) => v3.pay.transactions.outTradeNo.$out_trade_no$.get({ params: { mchid }, out_trade_no }),
  query_transaction: ({ transaction_id }) => v3.pay.transactions.id.$transaction_id$.get({ params: { mchid }, transaction_id }),
  close: ({ out_trade_no }) => v3.pay.transactions.outTradeNo.$out_trade_no$.close.post({ mchid }, { out_trade_no }),
  certificates: () => v3.certificates.get(),
  callback: ({ headers, body }) => {
    const text = Buffer.from(body, 'base64').toString();
    return isSigned(headers, text, certs)
      ? { status: 0, data: JSON.parse(open(JSON.parse(text).resource)) }
      : { status: 0, data: null };
  },
};

const answers = [];
for (const { operation, ...call } of parameters.calls) {
  try {
    const { status, data } = await operations[operation](call);
    answers.push({ status, data: data || null });
  } catch (error) {
    answers.push({ status: error.response?.status ?? 0, data: error.response?.data || null, error: error.code ?? error.message });
  }
}

finish({ serials: Object.keys(certs), answers });
