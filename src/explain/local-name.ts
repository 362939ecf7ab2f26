/** A name without a dot is no name of the internet. */
export const isLocalName = (name: string): boolean => !name.replace(/\.$/, '').includes('.');
