import type { JsonObject } from '@switchyard/core/contract'
import fc from 'fast-check'
import { json, unknown, wire, word } from '../openai-chat/wire-requests.fixture.ts'

const is = <const Value>(value: Value) => fc.constant(value)
const said = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
const list = <Value>(value: fc.Arbitrary<Value>) => fc.array(value, { minLength: 1, maxLength: 3 })
const input = fc.dictionary(word, json, { maxKeys: 2, noNullPrototype: true }) as fc.Arbitrary<JsonObject>
const bare = (fields: Record<string, fc.Arbitrary<unknown>>, optional: Record<string, fc.Arbitrary<unknown>> = {}) =>
  fc.record({ ...fields, ...optional }, { requiredKeys: Object.keys(fields) as never[], noNullPrototype: true })

// what says more of a part; any other field is a kind of data
const more = { partMetadata: is({ from: 'here' }) }
const text = bare({ text: said }, more)
const inline = bare(
  {
    inlineData: wire({
      mimeType: fc.constantFrom('image/png', 'audio/wav', 'application/pdf', 'video/mp4'),
      data: is('aGVsbG8='),
    }),
  },
  { ...more, videoMetadata: is({ fps: 2 }) },
)
const stored = bare({
  fileData: wire({ fileUri: word.map(name => `gs://bucket/${name}`) }, { mimeType: is('image/png') }),
})
const strange = word.map(name => ({ [`x_${name}`]: { a: 1 } }))

const signature = { thoughtSignature: fc.constantFrom('c2lnLUE=', 'c2lnLUI=') }
const modelText = fc.oneof(
  bare({ text: said }, { ...more, ...signature }),
  bare({ text: is(''), thoughtSignature: is('c2lnLUM=') }),
  bare({ text: said, thought: is(true) }, { ...more, ...signature }),
)
const executed = bare({ executableCode: is({ language: 'PYTHON', code: '1' }) })

const response = fc.oneof(
  bare({ output: said }),
  bare({ error: said }),
  bare({ output: json }),
  bare({ result: json, error: is('late') }),
  input,
)
const call = fc.record(
  { name: word, args: fc.oneof(is(undefined), input), response, parts: fc.oneof(is(undefined), list(inline)) },
  { noNullPrototype: true },
)
const toolTurn = fc
  .tuple(
    fc.array(modelText, { maxLength: 1 }),
    list(call),
    fc.constantFrom('fc-', 'functions.get:', undefined),
    unknown,
  )
  .map(([spoken, calls, ids, rest]) => (turn: number) => {
    const id = (at: number) => (ids === undefined ? {} : { id: `${ids}${turn}_${at}` })
    const called = calls.map(({ name, args }, at) => ({
      functionCall: { ...rest, ...id(at), name: `${name}_${at}`, ...(args !== undefined && { args }) },
      ...(at === 0 && { thoughtSignature: 'c2lnLUQ=' }),
    }))
    const answered = calls.map(({ name, response: given, parts }, at) => ({
      functionResponse: {
        ...rest,
        ...id(at),
        name: `${name}_${at}`,
        response: given,
        ...(parts !== undefined && { parts }),
      },
    }))
    return [
      { role: 'model', parts: [...spoken, ...called] },
      { role: 'user', parts: answered },
    ] as JsonObject[]
  })

const user = wire({ role: is('user'), parts: list(fc.oneof(text, inline, stored, strange)) })
const model = wire({ role: is('model'), parts: list(fc.oneof(modelText, executed, strange)) })
const contents = fc
  .tuple(
    list(
      fc.tuple(
        user,
        fc.oneof(
          model.map(content => () => [content]),
          toolTurn,
        ),
      ),
    ),
    fc.array(model, { maxLength: 1 }),
  )
  .map(([exchanges, last]) => {
    const wireContents = exchanges.flatMap(([question, answer], turn) => [question, ...answer(turn)])
    // results and the words after them would be one turn
    const joined: JsonObject[] = []
    for (const content of wireContents) {
      if (joined.at(-1)?.role === content.role) joined.push({ role: 'model', parts: [{ text: 'so' }] })
      joined.push(content)
    }
    return joined.at(-1)?.role === 'user' ? [...joined, ...last] : joined
  })

const declaration = wire(
  { name: word },
  {
    description: said,
    parametersJsonSchema: is({ type: 'object', properties: { a: { type: 'string' } } }),
  },
)
const openApiDeclaration = wire({
  name: word,
  parameters: is({
    type: 'OBJECT',
    properties: { type: { type: 'STRING', nullable: true }, list: { type: 'ARRAY', items: { type: 'INTEGER' } } },
  }),
})
const tools = fc
  .tuple(list(fc.oneof(declaration, openApiDeclaration)), fc.array(is({ googleSearch: {} }), { maxLength: 1 }))
  .map(([functions, own]) => [{ functionDeclarations: functions }, ...own])

const generationConfig = wire(
  {},
  {
    temperature: fc.constantFrom(0, 0.5, 2),
    topP: fc.constantFrom(0, 1),
    topK: fc.integer({ min: 1, max: 40 }),
    maxOutputTokens: fc.integer({ min: 1, max: 99999 }),
    stopSequences: list(said),
    seed: fc.integer(),
    candidateCount: fc.integer({ min: 1, max: 8 }),
    frequencyPenalty: fc.integer({ min: -2, max: 2 }),
    presencePenalty: fc.integer({ min: -2, max: 2 }),
    responseModalities: fc.constantFrom(['TEXT'], ['TEXT', 'IMAGE']),
    responseLogprobs: fc.boolean(),
    thinkingConfig: fc.constantFrom(
      { thinkingLevel: 'LOW' },
      { thinkingLevel: 'STRANGE', includeThoughts: true },
      { thinkingBudget: -1 },
      { thinkingBudget: 300, includeThoughts: false },
      { includeThoughts: true },
    ),
  },
)
const format = fc.constantFrom<JsonObject>(
  {},
  { responseMimeType: 'text/plain' },
  { responseMimeType: 'application/json' },
  { responseMimeType: 'text/x.enum', responseSchema: { type: 'STRING', enum: ['a'] } },
  { responseMimeType: 'application/json', responseSchema: { type: 'OBJECT', properties: {} } },
  { responseMimeType: 'application/json', responseJsonSchema: { type: 'object' } },
)
const toolConfig = wire(
  {},
  {
    functionCallingConfig: fc.constantFrom<JsonObject>(
      {},
      { mode: 'AUTO' },
      { mode: 'ANY' },
      { mode: 'VALIDATED' },
      { mode: 'NONE' },
    ),
  },
)

/** Any body that Gemini would take, unknown fields at every level that may have some. */
export const wireRequest = fc
  .tuple(
    wire(
      { contents },
      {
        systemInstruction: wire({ parts: list(text) }, { role: is('user') }),
        safetySettings: is([{ category: 'HARM_CATEGORY_HARASSMENT', threshold: 'OFF' }]),
        cachedContent: is('cachedContents/a'),
      },
    ),
    fc.option(fc.tuple(generationConfig, format).map(([config, asked]) => ({ ...config, ...asked }))),
    fc.option(fc.tuple(tools, fc.option(toolConfig))),
  )
  .map(([body, config, declared]) => ({
    ...body,
    ...(config !== null && Object.keys(config).length > 0 && { generationConfig: config }),
    ...(declared !== null && { tools: declared[0] }),
    ...(declared !== null &&
      declared[1] !== null &&
      Object.keys(declared[1]).length > 0 && { toolConfig: declared[1] }),
  })) as fc.Arbitrary<JsonObject>
