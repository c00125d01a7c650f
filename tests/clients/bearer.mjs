// SPDX-License-Identifier: Apache-2.0
// Prints a token for the portal that the environment names.
import { issuer, key, keyId } from './lib.mjs';
import { makeToken } from './token.mjs';

process.stdout.write(makeToken({ keyId, issuer, key }));
