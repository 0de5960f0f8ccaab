/**
 * What no provider of a dialect can do, whoever it is: by feature, by topic or by check, each with the reason. What
 * only one provider of the dialect cannot do stands in that provider's `skip`.
 */
export const dialectGaps: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'openai-chat': {
    'token count': 'Chat completions have no endpoint that counts tokens.',
    'refusal ending': 'A refusal ends with "stop"; its text says that it is one.',
    pause: 'An answer has no such ending.',
    'context length ending': 'An answer that fills the window ends with "length".',
    'signed reasoning': 'What a model thought is not sent back.',
    'document addresses': 'Files go along as bytes, or by the id of an upload.',
    'model pages': 'The list of models is one page.',
  },
}
