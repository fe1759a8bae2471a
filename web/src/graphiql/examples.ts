/** The lot that the examples ask about: a pallet of the demo history, whose genealogy is deep. */
export const LOT_CODE = 'PAL-20260601-DUNA-0001';

/** The run that the examples ask about: the one which packed that pallet. */
export const RUN_CODE = 'RUN-20260601-DUNA-0001';

/** A question to start from; each opens in a tab of its own at the first visit. */
export interface Example {
  /** The question in words. GraphiQL names a tab after its operation, so the operation's name is this in PascalCase. */
  title: string;
  query: string;
  variables: Record<string, unknown>;
}

export const examples: Example[] = [
  {
    title: 'What is this lot made of',
    query: `# All lots this one was made from, each once, nearest first.
query WhatIsThisLotMadeOf($code: String!) {
  lot(code: $code) {
    code
    lotType {
      name
    }
    ancestors(first: 100) {
      totalCount
      maxDepth
      edges {
        depth
        node {
          code
          lotType {
            name
          }
          weightKg
          supplier {
            name
          }
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
}
`,
    variables: { code: LOT_CODE },
  },
  {
    title: 'Whole genealogy of this lot',
    query: `# What it is made of and where it went, as one graph: every lot once, every link once, ready to draw.
query WholeGenealogyOfThisLot($code: String!) {
  lot(code: $code) {
    genealogy(direction: BOTH) {
      depth
      lotCount
      linkCount
      truncated
      nodes {
        depth
        shareKg
        lot {
          id
          code
          status
        }
      }
      links {
        parent
        child
        kind
        quantityKg
      }
    }
  }
}
`,
    variables: { code: LOT_CODE },
  },
  {
    title: 'Lots of this run',
    query: `# One run with the lots that it made.
query LotsOfThisRun($code: String!) {
  run(code: $code) {
    code
    status
    scenario {
      key
      version
    }
    phase {
      number
      name
    }
    lots(first: 50) {
      totalCount
      nodes {
        code
        lotType {
          name
        }
        status
        weightKg
        remainingKg
        phase {
          number
          name
        }
      }
    }
  }
}
`,
    variables: { code: RUN_CODE },
  },
  {
    title: 'What is held or exposed',
    query: `# Lots that nobody may use: those on hold, and those made from one that is; with the way from cause to lot.
query WhatIsHeldOrExposed {
  held: lots(filter: { held: true }, first: 50) {
    totalCount
    nodes {
      code
      status
      site {
        code
      }
    }
  }
  exposed: lots(filter: { exposed: true }, first: 50) {
    totalCount
    nodes {
      code
      status
      exposures {
        reason
        since
        path {
          code
        }
      }
    }
  }
}
`,
    variables: {},
  },
  {
    title: 'Parents six deep',
    query: `# Step by step back, with what flowed in each step. Shared lots come once per way: 'ancestors' has each once.
query ParentsSixDeep($code: String!) {
  lot(code: $code) {
    ...Step
    parents(first: 10) {
      ...Flow
      lot {
        ...Step
        parents(first: 10) {
          ...Flow
          lot {
            ...Step
            parents(first: 10) {
              ...Flow
              lot {
                ...Step
                parents(first: 10) {
                  ...Flow
                  lot {
                    ...Step
                    parents(first: 10) {
                      ...Flow
                      lot {
                        ...Step
                        parents(first: 10) {
                          ...Flow
                          lot {
                            ...Step
                          }
                        }
                      }
                    }
                  }
                }
              }
            }
          }
        }
      }
    }
  }
}

fragment Step on Lot {
  code
  weightKg
}

fragment Flow on LotLink {
  quantityKg
  transformation {
    kind
    occurredAt
  }
}
`,
    variables: { code: LOT_CODE },
  },
];
