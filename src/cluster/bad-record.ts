/** A value in the store that is not a valid record. Its key is ignored, and the reason kept. */
export class BadRecord extends Error {}

/** A record of a newer format: what was last known of it stays. */
export class NewerRecord extends BadRecord {}
