/** `platform` of a query (Docker Engine API 1.50: Platform of the OCI's image specification). */
import Type from 'typebox';
import { text } from './fields.ts';

export const platform = Type.Object({ os: text, architecture: text, variant: text }, { title: 'Platform' });
