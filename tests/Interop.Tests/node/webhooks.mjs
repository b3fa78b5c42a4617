// Verifies a notification with standardwebhooks, once with each secret alone. Result: for each secret the event, or why it is not believed.
import { Webhook } from 'standardwebhooks';
import { finish, parameters } from './story.mjs';

const { secrets, headers, body } = parameters;

finish(secrets.map((secret) => {
  try {
    return { event: new Webhook(secret).verify(Buffer.from(body, 'base64'), headers) };
  } catch (error) {
    return { refused: error.message };
  }
}));
