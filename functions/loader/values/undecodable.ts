/** Raised for bytes that are no value of their schema: such a record is a bad row. The message never shows them. */
export class UndecodableValue extends Error {}
