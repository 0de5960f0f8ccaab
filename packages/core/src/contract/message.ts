/** Any value that JSON can carry. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject
/** A JSON object. */
export interface JsonObject {
  readonly [key: string]: JsonValue | undefined
}

/**
 * Fields that only one dialect knows, kept by dialect name (`"openai-chat"`) and
 * restored only when that dialect is spoken.
 */
export type DialectExtra = Readonly<Record<string, JsonObject>>

/** Asks the provider to remember everything up to and including this part. */
export interface CacheHint {
  /** How long the provider should keep it, in its own words (`"5m"`, `"1h"`); its default when absent. */
  readonly lifetime?: string
}

/** Where the bytes of an image, a sound or a document come from. */
export type MediaSource =
  | { readonly type: 'base64'; readonly mediaType: string; readonly data: string }
  | { readonly type: 'url'; readonly url: string; readonly mediaType?: string }
  /** A file stored at a provider; `origin` is the dialect whose id it is. */
  | { readonly type: 'file'; readonly id: string; readonly origin: string; readonly mediaType?: string }

interface PartBase {
  readonly cache?: CacheHint
  readonly extra?: DialectExtra
}

export interface TextPart extends PartBase {
  readonly type: 'text'
  readonly text: string
  /** The model declined, and this is how it said so. */
  readonly refusal?: true
}

export interface ImagePart extends PartBase {
  readonly type: 'image'
  readonly source: MediaSource
  readonly detail?: string
}

export interface AudioPart extends PartBase {
  readonly type: 'audio'
  readonly source: MediaSource
}

export interface DocumentPart extends PartBase {
  readonly type: 'document'
  readonly source: MediaSource
  readonly name?: string
}

/** What the model thought. Signed reasoning goes back to its origin only. */
export interface ReasoningPart extends PartBase {
  readonly type: 'reasoning'
  readonly text: string
  readonly signature?: string
  /** The dialect that produced it. */
  readonly origin: string
}

/** A function the model wants called. `id` is at most 40 of `[A-Za-z0-9_-]`. */
export type ToolCallPart = PartBase & {
  readonly type: 'tool-call'
  readonly id: string
  readonly name: string
} & ToolCallInput

/** Parsed arguments, or the text that did not parse and why. */
export type ToolCallInput =
  | { readonly input: JsonObject; readonly invalid?: undefined }
  | { readonly input?: undefined; readonly invalid: InvalidInput }

export interface InvalidInput {
  readonly text: string
  readonly reason: string
}

export interface ToolResultPart extends PartBase {
  readonly type: 'tool-result'
  /** The `id` of the tool call that this answers. */
  readonly callId: string
  /** The function's name, where the client said it. */
  readonly name?: string
  readonly content: string | readonly (TextPart | ImagePart | AudioPart | DocumentPart | OpaquePart)[]
  readonly isError?: boolean
}

/** A block this contract has no word for; kept in order and replayed only to its origin. */
export interface OpaquePart {
  readonly type: 'opaque'
  /** The dialect whose block it is. */
  readonly origin: string
  readonly value: JsonValue
}

export type SystemPart = TextPart | OpaquePart
export type UserPart = TextPart | ImagePart | AudioPart | DocumentPart | OpaquePart
export type AssistantPart = TextPart | ReasoningPart | ToolCallPart | OpaquePart
export type ToolPart = ToolResultPart

interface MessageBase<Role extends string, Part> {
  readonly role: Role
  /** A string is short for one text part. */
  readonly content: string | readonly Part[]
  /** The participant's name. */
  readonly name?: string
  readonly extra?: DialectExtra
}

export type SystemMessage = MessageBase<'system', SystemPart>
export type UserMessage = MessageBase<'user', UserPart>
export type AssistantMessage = MessageBase<'assistant', AssistantPart>
export interface ToolMessage extends Omit<MessageBase<'tool', ToolPart>, 'content' | 'name'> {
  readonly content: readonly ToolPart[]
}

export type Message = SystemMessage | UserMessage | AssistantMessage | ToolMessage
