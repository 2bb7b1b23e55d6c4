/// https://w3c.github.io/mediacapture-main/#dom-inputdeviceinfo-getcapabilities
export const getCapabilities = (impl) => impl.capabilities;
