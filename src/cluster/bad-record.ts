/** A value of the store that is no record. It is left out by its key, with the reason. */
export class BadRecord extends Error {}
