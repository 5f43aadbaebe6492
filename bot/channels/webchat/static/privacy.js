// The privacy notice follows the chat's "大字".

import { read } from "./store.js";

document.documentElement.classList.toggle("large", read().large);
