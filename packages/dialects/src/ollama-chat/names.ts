/** This dialect's name, in `extra`, `origin` and `boundTo`. */
export const dialect = 'ollama-chat'

// fields of the wire's message and of its top level that came with a block of a stream
export const messageFields = 'ollama-chat/message'
export const answerFields = 'ollama-chat/answer'
