import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Capability, modelCapabilities } from '../contract/capabilities.ts'
import { answers, scene } from './chain.fixture.ts'
import { chainCapabilities } from './chain-capabilities.ts'

const capability = fc.constantFrom<Capability>(true, false, 'unknown')

describe('capabilities of a chain', () => {
  it('guarantees what all can do and allows what one can', () => {
    fc.assert(
      fc.property(fc.array(capability, { minLength: 1, maxLength: 5 }), values => {
        const { guaranteed, possible } = chainCapabilities(values.map(tools => modelCapabilities({ tools })))
        expect(guaranteed.tools === true).toBe(values.every(value => value === true))
        expect(guaranteed.tools === false).toBe(values.some(value => value === false))
        expect(possible.tools === true).toBe(values.some(value => value === true))
        expect(possible.tools === false).toBe(values.every(value => value === false))
      }),
    )
  })

  it('takes the smaller window for sure and the larger as possible, where all are known', () => {
    const models = [modelCapabilities({ contextWindow: 8_000 }), modelCapabilities({ contextWindow: 200_000 })]
    expect(chainCapabilities(models).guaranteed.contextWindow).toBe(8_000)
    expect(chainCapabilities(models).possible.contextWindow).toBe(200_000)
    expect(chainCapabilities([...models, modelCapabilities()]).guaranteed.contextWindow).toBeUndefined()
  })

  it('has a dialect only where all speak the same', () => {
    const [one, other] = [modelCapabilities({ dialect: 'one' }), modelCapabilities({ dialect: 'other' })]
    expect(chainCapabilities([one, one]).guaranteed.dialect).toBe('one')
    expect(chainCapabilities([one, other]).guaranteed.dialect).toBeUndefined()
  })

  it('is what the chain reports, in its model list too', async () => {
    const capabilities = (index: number) => ({ tools: index === 0 })
    const { chain } = scene([[answers('a')], [answers('b')]], { capabilities })
    expect(chain.getCapabilities('chain').tools).toBe(false)
    expect(chain.capabilities().possible.tools).toBe(true)
    expect(await chain.getModels()).toMatchObject([{ id: 'chain', capabilities: { tools: false } }])
  })

  it('initialises the providers behind it, each once', async () => {
    const here = scene([[], []])
    await here.chain.initialize()
    expect(here.providers.map(provider => provider.initialized)).toEqual([true, true])
  })
})
