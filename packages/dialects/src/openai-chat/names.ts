/** This dialect's name, in `extra`, `origin` and `boundTo`. */
export const dialect = 'openai-chat'

// fields of the wire's choice, message and top level that came with a block or with a whole answer
export const choiceFields = 'openai-chat/choice'
export const messageFields = 'openai-chat/message'
export const answerFields = 'openai-chat/answer'
