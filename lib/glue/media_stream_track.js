/// https://w3c.github.io/mediacapture-main/#dom-mediastreamtrack-getsettings
export const getSettings = (impl) => impl.settings();
