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
  'openai-responses': {
    'several choices': 'An answer is one.',
    stop: 'There are no stop sequences.',
    frequencyPenalty: 'There is no such setting.',
    presencePenalty: 'There is no such setting.',
    seed: 'There is no such setting.',
    audio: 'There is no part for sound.',
    'refusal ending': 'A refusal ends as "completed"; its text says that it is one.',
    pause: 'An answer has no such ending.',
    'context length ending': 'An answer that fills the window ends with "max_output_tokens".',
    'lax tool calls': 'Calls are items of their own, each with its events.',
    'model pages': 'The list of models is one page.',
  },
}
