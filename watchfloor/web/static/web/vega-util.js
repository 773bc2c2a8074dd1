/* What the interpreter needs of vega-util is in the vega bundle already. */
export const { ascending, isString, DisallowedObjectProperties } = window.vega;
