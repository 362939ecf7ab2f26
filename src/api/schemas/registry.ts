/** Body of `POST /auth` (Docker Engine API 1.50: AuthConfig). */
import Type from 'typebox';
import { text } from './fields.ts';

export const authConfig = Type.Object(
  {
    username: text,
    password: text,
    email: text,
    serveraddress: text,
    identitytoken: text,
    registrytoken: text,
    auth: text,
  },
  { title: 'AuthConfig' },
);
