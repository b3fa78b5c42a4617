// What every script here begins and ends with: parameters as JSON from standard input, one JSON result to standard output.
import { text } from 'node:stream/consumers';

export const parameters = JSON.parse(await text(process.stdin));

export const finish = (result) => console.log(JSON.stringify(result));
