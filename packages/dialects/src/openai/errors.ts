export { decodeError, decodeErrorEvent, type ErrorReply } from './decode-error.ts'
export { type EncodedError, encodeError } from './encode-error.ts'
